/** Runs Dustpan's own transactions. */
import type { StoreClient } from './own-client.ts'

export const begin = 'START TRANSACTION'
export const commit = 'COMMIT'
export const rollback = 'ROLLBACK'

/** Commits if `work` returns true, otherwise rolls back. */
export async function inTransaction(
  client: StoreClient,
  signal: AbortSignal,
  work: () => Promise<boolean>,
): Promise<boolean> {
  try {
    const isCommitted = await work()
    await client.run([isCommitted ? commit : rollback], signal)
    return isCommitted
  } catch (error) {
    await client.run([rollback], signal).catch(() => {})
    throw error
  }
}
