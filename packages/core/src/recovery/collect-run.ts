/** The last look at what the application wrote in a run: late rows, those of workers that died, and those that name no test. */
import type { CleanupContext } from '../cleanup/context.ts'
import { clock } from '../clock/clock.ts'
import type { CollectRequest } from '../resource/application.ts'
import { newScope, type Scope } from '../tracking/scope.ts'
import type { Tracking } from '../tracking/tracking.ts'
import { collectFrom, collectingStores } from './collect.ts'

/** What names no test is the run's only between its beginning and its end: afterwards people use the application. `alone` is absent where that is over. Never rejects. */
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

/** A scope in which nothing was recorded before is not known to the ledger: how it ended, nobody can say, so that it counts as lost. */
function scopeIn(tracking: Tracking, id: string | undefined): Scope {
  if (id === undefined) return tracking.runScope
  const known = tracking.scopes.get(id) ?? newScope(id, { kind: 'test', attempt: 0 }, tracking.runScope)
  tracking.scopes.set(id, known)
  return known
}
