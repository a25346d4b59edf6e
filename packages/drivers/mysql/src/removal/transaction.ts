/** The statements of a transaction of ours. */
import type { StoreClient } from './own-client.ts'

export const begin = 'START TRANSACTION'
export const commit = 'COMMIT'
export const rollback = 'ROLLBACK'

/** Commits what `work` did when it says so, else takes it back. */
export async function inTransaction(
  client: StoreClient,
  signal: AbortSignal,
  work: () => Promise<boolean>,
): Promise<boolean> {
  try {
    const keeps = await work()
    await client.run([keeps ? commit : rollback], signal)
    return keeps
  } catch (error) {
    await client.run([rollback], signal).catch(() => {})
    throw error
  }
}
