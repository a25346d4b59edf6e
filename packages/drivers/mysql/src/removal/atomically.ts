import { allOrNone, type Outcomes, type RemovalContext } from '@dustpan/core/driver'
import { isServerError } from '../mysql2.ts'
import type { Answer } from './exchange.ts'
import type { StoreClient } from './own-client.ts'
import { begin, commit, rollback } from './transaction.ts'

/**
 * Carries a removal out in one transaction: committed when every target is gone, else rolled back as a whole. What it commits on the way are
 * savepoints, so that it finds out as usual which rows stand in the way.
 */
export function atomically(
  client: StoreClient,
  remove: (client: StoreClient) => Promise<Outcomes>,
  { signal }: Pick<RemovalContext, 'signal'>,
): Promise<Outcomes> {
  return allOrNone(
    { begin, commit, rollback },
    (statement) => client.run([statement], signal),
    () => remove(withSavepoints(client)),
  )
}

/** The same client inside an open transaction. A statement that fails takes back only what it did itself. */
function withSavepoints(client: StoreClient): StoreClient {
  let ended: unknown
  const run = async (statements: readonly string[], signal: AbortSignal): Promise<readonly Answer[]> => {
    if (ended) throw ended
    try {
      return await client.run(
        statements.map((statement) => inside[statement] ?? statement),
        signal,
      )
    } catch (error) {
      // A deadlock takes the whole transaction back; what came after it would stand for itself.
      if (isServerError(error) && error.errno === deadlock) ended = error
      throw error
    }
  }
  return {
    store: client.store,
    answering: client.answering,
    session: client.session,
    run,
    rows: async (text, signal) => (await run([text], signal))[0]?.rows ?? [],
    table: (name, signal) => client.table(name, signal),
    forgetTables: () => client.forgetTables(),
  }
}

const deadlock = 1213

const inside: { readonly [statement: string]: string } = {
  [begin]: 'SAVEPOINT dustpan',
  [commit]: 'RELEASE SAVEPOINT dustpan',
  [rollback]: 'ROLLBACK TO SAVEPOINT dustpan',
}
