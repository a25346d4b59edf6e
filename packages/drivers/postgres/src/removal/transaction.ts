import type { Answer, Sql } from './exchange.ts'
import type { StoreClient } from './own-client.ts'

export const begin: Sql = { text: 'BEGIN', values: [] }
export const commit: Sql = { text: 'COMMIT', values: [] }
export const rollback: Sql = { text: 'ROLLBACK', values: [] }

/**
 * Runs statements in a transaction, and commits when `accepts` approves their answers (the first one is that of BEGIN),
 * else rolls back.
 */
export async function inTransaction(
  client: StoreClient,
  statements: readonly Sql[],
  accepts: (answers: readonly Answer[]) => boolean,
  signal: AbortSignal,
): Promise<readonly Answer[]> {
  try {
    const answers = await client.run([begin, ...statements], signal)
    await client.run([accepts(answers) ? commit : rollback], signal)
    return answers
  } catch (error) {
    await client.run([rollback], signal).catch(() => {})
    throw error
  }
}
