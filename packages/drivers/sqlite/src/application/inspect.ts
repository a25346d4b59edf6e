/** Reads which parts of the log are in a file, and which tables can be logged. */
import type { Client } from '../client.ts'
import { readTables, sameName, type Table } from '../tables.ts'
import { isLogTable, logTables } from './log-tables.ts'
import { triggerName } from './log-triggers.ts'

export interface FoundTable extends Table {
  readonly triggers: FoundTriggers | undefined
}

export interface FoundTriggers {
  readonly number: number
  /** SQL text by trigger name. */
  readonly texts: ReadonlyMap<string, string>
}

export interface Found {
  /** SQL texts of tables that have the names of the log's tables, whoever created them. */
  readonly logTables: ReadonlyMap<string, string>
  /** All tables except the log's own and virtual ones. */
  readonly tables: readonly FoundTable[]
  /** A number that no table and no log line uses. */
  readonly nextNumber: number
}

export function inspect(client: Client): Found {
  const schema = client.all(
    `SELECT type, name, tbl_name, sql FROM main.sqlite_schema WHERE name LIKE 'dustpan!_%' ESCAPE '!'`,
  )
  const named = schema.map(({ type, name, tbl_name, sql }) => ({
    ...{ type: String(type), name: String(name), table: String(tbl_name), sql: String(sql) },
  }))
  const triggers = named.filter(({ type, name }) => type === 'trigger' && triggerName.test(name))
  const logTableTexts = new Map(
    named.filter(({ type, name }) => type !== 'trigger' && isLogTable(name)).map(({ name, sql }) => [name, sql]),
  )
  const tables = readTables(client).filter(({ schema, virtual }) => schema === 'main' && !virtual)
  return {
    logTables: logTableTexts,
    tables: tables.map((table) => ({
      ...table,
      triggers: triggersIn(triggers.filter((trigger) => sameName(trigger.table, table.name))),
    })),
    nextNumber: Math.max(lastInLog(client, logTableTexts), ...triggers.map(({ name }) => numberOf(name))) + 1,
  }
}

/** The logged tables, by the number of their triggers. */
export function loggedTables(client: Client): ReadonlyMap<number, Table> {
  return new Map(
    inspect(client).tables.flatMap((table) => (table.triggers ? [[table.triggers.number, table] as const] : [])),
  )
}

/** Whether the log is installed, in the current layout. */
export function isInstalled(client: Client): boolean {
  const texts = Object.values(logTables)
  const found = client.all(
    `SELECT 1 FROM main.sqlite_schema WHERE sql IN (${texts.map(() => '?').join(', ')})`,
    ...texts,
  )
  return found.length === texts.length
}

function triggersIn(triggers: readonly { readonly name: string; readonly sql: string }[]): FoundTriggers | undefined {
  const [first] = triggers
  if (!first) return undefined
  return { number: numberOf(first.name), texts: new Map(triggers.map(({ name, sql }) => [name, sql])) }
}

const numberOf = (name: string): number => Number(triggerName.exec(name)?.[1] ?? 0)

function lastInLog(client: Client, logTableTexts: Found['logTables']): number {
  if (logTableTexts.get('dustpan_log') !== logTables.dustpan_log) return 0
  return Number(client.all('SELECT max(tbl) AS last FROM main.dustpan_log')[0]?.last ?? 0)
}
