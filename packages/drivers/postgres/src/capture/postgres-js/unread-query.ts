/** Queries of which only the ends of transactions are looked at. */
import { isServerError } from '../../pg.ts'
import type { Analysis } from '../statement.ts'
import type { Transactions } from '../transactions.ts'
import type { JsQuery } from './library.ts'

/** Called with the connection that the library has chosen, before it sends the query there. */
export function whenSent(query: JsQuery, then: (connection: object) => void): void {
  let { state } = query
  Object.defineProperty(query, 'state', {
    configurable: true,
    enumerable: true,
    get: () => state,
    set(connection: object | null) {
      state = connection
      if (connection) then(connection)
    },
  })
}

/** It is about to be sent. `analysis` undefined: it does nothing that matters. */
export function follow(query: JsQuery, transactions: Transactions, analysis: Analysis | undefined): void {
  if (!analysis) return
  const { resolve, reject } = query
  if (analysis.commits) transactions.committing(query)
  query.resolve = (given) => {
    replay(transactions, analysis)
    transactions.answered(query)
    return resolve(given)
  }
  query.reject = (error) => {
    if (isOfConnection(error)) transactions.lost()
    transactions.answered(query)
    return reject(error)
  }
}

/** What the server did not say itself, or said as the last thing. */
export function isOfConnection(error: unknown): boolean {
  return !isServerError(error) || error.severity === 'FATAL'
}

/** All of it is done. A COMMIT that comes first may have rolled back what an error had ended. */
function replay(transactions: Transactions, { statements }: Analysis): void {
  const [first] = statements
  if (first?.transaction?.kind === 'commit') transactions.idle()
  transactions.replay(
    statements.flatMap(({ transaction }) => transaction ?? []),
    false,
  )
}
