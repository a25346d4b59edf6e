/** The last collection of application rows in a run: late rows, rows from dead workers' tests, and rows that name no test. */
import type { CleanupContext } from '../cleanup/context.ts'
import { clock } from '../clock/clock.ts'
import type { CollectRequest } from '../resource/application.ts'
import { newScope, type Scope } from '../tracking/scope.ts'
import type { Tracking } from '../tracking/tracking.ts'
import { collectFrom, collectingStores } from './collect.ts'

/**
 * Rows that name no test belong to the run only between its start and end: later, people use the application. No `alone`: only rows that
 * name the run. Never rejects.
 */
export async function collectRun(
  tracking: Tracking,
  context: CleanupContext,
  when: Pick<CollectRequest, 'alone' | 'until'>,
): Promise<void> {
  for (const store of collectingStores(tracking)) {
    const deadline = clock.now() + tracking.settings.cleanup.timeoutMs
    await collectFrom(store, when, (id) => scopeIn(tracking, id), tracking, context, deadline)
  }
}

/** A scope without earlier records is unknown to the ledger, and so is its result: it counts as lost. */
function scopeIn(tracking: Tracking, id: string | undefined): Scope {
  if (id === undefined) return tracking.runScope
  const known = tracking.scopes.get(id) ?? newScope(id, { kind: 'test', attempt: 0 }, tracking.runScope)
  tracking.scopes.set(id, known)
  return known
}
