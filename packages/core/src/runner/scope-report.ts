/** The report of one scope, from the memory of this process. */

import { clock } from '../clock/clock.ts'
import { buildReport } from '../report/build.ts'
import type { CleanupReport, Describe } from '../report/model.ts'
import type { Resource } from '../resource/resource.ts'
import type { Scope } from '../tracking/scope.ts'
import type { Tracking } from '../tracking/tracking.ts'

/** Sent with the test to the runner's main process, so it lists at most 100 removed resources; report.json has all. */
export function scopeReport(
  { writer, metadata, warnings, scopes }: Tracking,
  scope: Scope,
  resources: readonly Resource[],
  describe: Describe,
): CleanupReport {
  const ids = new Set([scope.id])
  for (const resource of resources) ids.add(resource.scope)
  return buildReport({
    of: 'scope',
    run: {
      id: writer.run,
      ...(writer.build === undefined ? {} : { build: writer.build }),
      runner: writer.runner,
      ...metadata,
      startedAt: clock.iso(),
    },
    scopes: [...ids].flatMap((id) => {
      const found = scopes.get(id)
      return found ? [{ id, ...found.identity, ...found.ending }] : []
    }),
    resources,
    intents: [],
    warnings,
    describe,
    maxRemoved: 100,
  })
}
