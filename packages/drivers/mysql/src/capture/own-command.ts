/** Creates Dustpan's own commands that run in place of the user's. */
import type { Command, CommandClass, ConnectionClass, Mysql2Connection, PreparedStatement } from '../mysql2.ts'

export interface OwnCommand {
  readonly command: Command
  readonly error?: Error
}

/** A query whose values are returned as text, independent of the connection's settings. */
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

/** An execution of a prepared statement with the user's values. */
export function ownExecution(userCommand: Command, statement: PreparedStatement): OwnCommand {
  const Execute = userCommand.constructor as CommandClass
  const options = {
    sql: statement.query,
    statement,
    values: userCommand.parameters,
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
