import type { RemovalContext } from '@dustpan/core/driver'
import { allOrNone, type Outcomes } from '@dustpan/core/rows'
import { isServerError } from '../mysql2.ts'
import type { Answer } from './exchange.ts'
import type { StoreClient } from './own-client.ts'
import { begin, commit, rollback } from './transaction.ts'

/**
 * Runs a removal in one transaction: committed if every target is gone, otherwise rolled back as a whole. Its inner transactions
 * become savepoints, so that blocking rows are found as usual.
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

/** The same client inside an open transaction. A failed statement rolls back only its own changes. */
function withSavepoints(client: StoreClient): StoreClient {
  let ended: unknown
  const run = async (statements: readonly string[], signal: AbortSignal): Promise<readonly Answer[]> => {
    if (ended) throw ended
    try {
      return await client.run(
        statements.map((statement) => savepointFor[statement] ?? statement),
        signal,
      )
    } catch (error) {
      // A deadlock rolls back the whole transaction; later statements would run outside of it.
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

const savepointFor: { readonly [statement: string]: string } = {
  [begin]: 'SAVEPOINT dustpan',
  [commit]: 'RELEASE SAVEPOINT dustpan',
  [rollback]: 'ROLLBACK TO SAVEPOINT dustpan',
}
