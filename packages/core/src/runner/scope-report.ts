/** The report of one scope, from what this process holds in memory. */

import { clock } from '../clock/clock.ts'
import type { FoldedScope } from '../ledger/fold.ts'
import { buildReport } from '../report/build.ts'
import type { CleanupReport, Describe } from '../report/model.ts'
import type { Resource } from '../resource/resource.ts'
import { runMetadata } from '../tracking/metadata.ts'
import type { Scope } from '../tracking/scope.ts'
import type { Tracking } from '../tracking/tracking.ts'

type Ending = Required<Pick<FoldedScope, 'verdict' | 'decision' | 'why'>>

export function scopeReport(
  tracking: Tracking,
  scope: Scope,
  ending: Ending,
  resources: readonly Resource[],
  describe: Describe,
): CleanupReport {
  const { writer, settings, warnings } = tracking
  const { environment, strategy, agent, createdBy, projectVersion } = runMetadata(settings, process.env)
  return buildReport({
    of: 'scope',
    run: {
      id: writer.run,
      ...(writer.build === undefined ? {} : { build: writer.build }),
      runner: writer.runner,
      environment,
      strategy,
      ...(projectVersion === undefined ? {} : { projectVersion }),
      agent,
      createdBy,
      startedAt: clock.iso(),
    },
    scopes: [...tracking.scopes.values()].map(({ id, identity }) => ({
      id,
      ...identity,
      ...(id === scope.id ? ending : {}),
    })),
    resources,
    intents: [],
    warnings,
    describe,
  })
}
