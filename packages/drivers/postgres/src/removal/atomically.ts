import type { RemovalContext } from '@dustpan/core/driver'
import { allOrNone, type Outcomes } from '@dustpan/core/rows'
import type { Answer, Sql } from './exchange.ts'
import type { StoreClient } from './own-client.ts'
import { begin, commit, rollback } from './transaction.ts'

/**
 * Runs a removal in one transaction: committed when every target is gone, otherwise rolled back as a whole. Its inner
 * transactions become savepoints, so that it still finds out which rows block it.
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

/** The same client, for use inside an open transaction. */
function withSavepoints(client: StoreClient): StoreClient {
  const run = (statements: readonly Sql[], signal: AbortSignal) => {
    const isTransactional = statements.some((statement) => nestedStatements.has(statement))
    if (isTransactional)
      return client.run(
        statements.flatMap((statement) => nestedStatements.get(statement) ?? statement),
        signal,
      )
    return runInSavepoint(client, statements, signal)
  }
  return {
    store: client.store,
    run,
    rows: async (text, values, signal) => (await run([{ text, values }], signal))[0]?.rows ?? [],
  }
}

/** A statement outside an inner transaction must not abort the outer one when it fails. */
async function runInSavepoint(
  client: StoreClient,
  statements: readonly Sql[],
  signal: AbortSignal,
): Promise<readonly Answer[]> {
  try {
    return (await client.run([savepoint, ...statements, release], signal)).slice(1, -1)
  } catch (error) {
    await client.run([rollbackTo, release], signal)
    throw error
  }
}

const savepoint: Sql = { text: 'SAVEPOINT dustpan', values: [] }
const release: Sql = { text: 'RELEASE dustpan', values: [] }
const rollbackTo: Sql = { text: 'ROLLBACK TO dustpan', values: [] }

/** Deferred constraints are checked here, as COMMIT would have checked them. */
const immediate: Sql = { text: 'SET CONSTRAINTS ALL IMMEDIATE', values: [] }

const nestedStatements = new Map<Sql, readonly Sql[]>([
  [begin, [savepoint]],
  [commit, [immediate, release]],
  [rollback, [rollbackTo, release]],
])
