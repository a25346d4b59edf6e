/** A prepared statement keeps the database that was selected when it was prepared; mysql2 keeps them by their text only. */
import type { PreparedStatement } from '../mysql2.ts'
import type { Statement } from '../sql/statement.ts'
import type { ConnectionCapture, Queries } from './connection-capture.ts'

interface Noted {
  readonly era: number
  /** Undefined: the session was not read. */
  readonly database: string | undefined
}

const preparedIn = new WeakMap<PreparedStatement, Noted>()

/** Notes the database at the first execution. */
export function notePrepared(statement: PreparedStatement, { era, session }: ConnectionCapture): void {
  const noted = preparedIn.get(statement) ?? { era, database: undefined }
  if (noted.era === era) preparedIn.set(statement, { era, database: noted.database ?? session?.database })
}

/** The USE that its execution amounts to. Empty: its database is the selected one. */
export function* usedBy(statement: PreparedStatement, capture: ConnectionCapture): Queries<readonly Statement[]> {
  const noted = preparedIn.get(statement)
  if (!noted || noted.era === capture.era) return []
  const { database } = noted
  const session = yield* capture.readSession()
  if (database !== undefined && session?.database === database) return []
  return [{ kind: 'session', alters: true, end: 0, ...(database === undefined ? {} : { database }) }]
}
