import type { RemovalOutcome, Target } from '@dustpan/core/driver'
import { locked, removeByStatement } from '@dustpan/core/rows'
import { textOf } from './batches.ts'
import { failed, isLockTimeout } from './outcomes.ts'
import type { StoreClient } from './own-client.ts'

/** Runs the user's own statement for one target. */
export function removeBySql(client: StoreClient, target: Target, signal: AbortSignal): Promise<RemovalOutcome> {
  return removeByStatement(target, {
    textOf,
    run: async (text, params) => (await client.run([{ text, values: params.map(textOf) }], signal))[0]?.count ?? 0,
    failed: (what, error) => (isLockTimeout(error) ? locked : failed(what, error)),
  })
}
