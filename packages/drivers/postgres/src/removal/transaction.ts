import type { Answer, Sql } from './exchange.ts'
import type { StoreClient } from './own-client.ts'

export const begin: Sql = { text: 'BEGIN', values: [] }
export const commit: Sql = { text: 'COMMIT', values: [] }
export const rollback: Sql = { text: 'ROLLBACK', values: [] }

/** Commits what statements did when their answers, the first of which is that of BEGIN, are to be kept; else takes it back. */
export async function inTransaction(
  client: StoreClient,
  statements: readonly Sql[],
  keeps: (answers: readonly Answer[]) => boolean,
  signal: AbortSignal,
): Promise<readonly Answer[]> {
  try {
    const answers = await client.run([begin, ...statements], signal)
    await client.run([keeps(answers) ? commit : rollback], signal)
    return answers
  } catch (error) {
    await client.run([rollback], signal).catch(() => {})
    throw error
  }
}
