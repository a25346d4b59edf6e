/** Commands of our own that are run in the place of the user's. */
import type { Command, CommandClass, ConnectionClass, Mysql2Connection, PreparedStatement } from '../mysql2.ts'

export interface OwnCommand {
  readonly command: Command
  readonly error?: Error
}

/** Its values are texts, whatever the connection makes of them. */
export function ownQuery(connection: Mysql2Connection, sql: string): OwnCommand {
  const own: { command: Command; error?: Error } = {
    command: (connection.constructor as unknown as ConnectionClass).createQuery(
      { sql, rowsAsArray: true, nestTables: false, typeCast: (field: { string(): string | null }) => field.string() },
      undefined,
      undefined,
      {},
    ),
  }
  own.command.onResult = (error) => {
    if (error) own.error = error as Error
  }
  return own
}

/** A prepared statement, with the values of the user's. */
export function ownExecution(users: Command, statement: PreparedStatement): OwnCommand {
  const Execute = users.constructor as CommandClass
  const options = {
    sql: statement.query,
    statement,
    values: users.parameters,
    rowsAsArray: true,
    nestTables: false,
    typeCast: true,
  }
  return { command: new Execute(options, () => {}) }
}

const prepareClasses = new WeakMap<object, CommandClass>()

export function learnPrepareClass(connection: Mysql2Connection, command: Command): void {
  prepareClasses.set(connection.constructor, command.constructor as CommandClass)
}

export function prepareClassOf(connection: Mysql2Connection): CommandClass {
  return prepareClasses.get(connection.constructor) as CommandClass
}
