import type { Mysql2Connection, ServerAnswer } from '../mysql2.ts'
import type { Row } from '../session.ts'

/** The rows of a SELECT, and the number of rows that another statement changed. */
export interface Answer {
  readonly rows: readonly Row[]
  readonly count: number
}

/** Runs statements in one round trip; returns every value as the server writes it. */
export function exchange(connection: Mysql2Connection, statements: readonly string[]): Promise<readonly Answer[]> {
  const options = {
    sql: statements.join(';\n'),
    rowsAsArray: true,
    typeCast: (field: { string(): string | null }) => field.string(),
  }
  return new Promise((resolve, reject) => {
    connection.query(options, (error, results) => {
      if (error) return reject(error)
      const all = statements.length > 1 ? (results as unknown[]) : [results]
      resolve(all.map(answerOf))
    })
  })
}

function answerOf(result: unknown): Answer {
  if (Array.isArray(result)) return { rows: result as Row[], count: result.length }
  return { rows: [], count: Number((result as ServerAnswer | undefined)?.affectedRows ?? 0) }
}
