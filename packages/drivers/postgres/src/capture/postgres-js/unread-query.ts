/** Queries that are tracked only for the ends of transactions. */
import { isServerError } from '../../pg.ts'
import type { Analysis } from '../../sql/statement.ts'
import type { Transactions } from '../transactions.ts'
import type { JsQuery } from './library.ts'

/** Calls `onSent` with the connection that the library has chosen, before it sends the query there. */
export function whenSent(query: JsQuery, onSent: (connection: object) => void): void {
  let { state } = query
  Object.defineProperty(query, 'state', {
    configurable: true,
    enumerable: true,
    get: () => state,
    set(connection: object | null) {
      state = connection
      if (connection) onSent(connection)
    },
  })
}

/** Follows a query that is about to be sent. `analysis` is undefined when it has no tracked effects. */
export function follow(query: JsQuery, transactions: Transactions, analysis: Analysis | undefined): void {
  if (!analysis) return
  const { resolve, reject } = query
  if (analysis.commits) transactions.committing(query)
  query.resolve = (result) => {
    replay(transactions, analysis)
    transactions.answered(query)
    return resolve(result)
  }
  query.reject = (error) => {
    if (isOfConnection(error)) transactions.lost()
    transactions.answered(query)
    return reject(error)
  }
}

/** Whether an error ended the connection: it is not from the server, or was its last message. */
export function isOfConnection(error: unknown): boolean {
  return !isServerError(error) || error.severity === 'FATAL'
}

/** Applies the transaction statements of a completed query. A leading COMMIT may have rolled back an aborted transaction. */
function replay(transactions: Transactions, { statements }: Analysis): void {
  const [first] = statements
  if (first?.transaction?.kind === 'commit') transactions.idle()
  transactions.replay(
    statements.flatMap(({ transaction }) => transaction ?? []),
    false,
  )
}
