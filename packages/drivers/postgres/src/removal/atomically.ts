import { allOrNone, type Outcomes, type RemovalContext } from '@dustpan/core/driver'
import type { Answer, Sql } from './exchange.ts'
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

/** The same client inside an open transaction. */
function withSavepoints(client: StoreClient): StoreClient {
  const run = (statements: readonly Sql[], signal: AbortSignal) => {
    const isPart = statements.some((statement) => inside.has(statement))
    if (isPart)
      return client.run(
        statements.flatMap((statement) => inside.get(statement) ?? statement),
        signal,
      )
    return alone(client, statements, signal)
  }
  return {
    store: client.store,
    run,
    rows: async (text, values, signal) => (await run([{ text, values }], signal))[0]?.rows ?? [],
  }
}

/** What takes part in no transaction of its own must not end the whole when it fails. */
async function alone(client: StoreClient, statements: readonly Sql[], signal: AbortSignal): Promise<readonly Answer[]> {
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

/** Deferred constraints are checked where they would be. */
const immediate: Sql = { text: 'SET CONSTRAINTS ALL IMMEDIATE', values: [] }

const inside = new Map<Sql, readonly Sql[]>([
  [begin, [savepoint]],
  [commit, [immediate, release]],
  [rollback, [rollbackTo, release]],
])
