/** Plans the installation of the log, from what is found in the database. Pure. */
import { DustpanError } from '@dustpan/core/driver'
import { namesTable, parseTableName, quoteIdentifier, quoteTable, readableTable, type TableName } from '../names.ts'
import type { Settings } from '../options.ts'
import type { Found, FoundTable } from './inspect.ts'
import {
  anyLayout,
  createSchema,
  dropFunction,
  dropSchema,
  functionBody,
  replaceFunction,
  schemaComment,
} from './log-schema.ts'

export interface LogOptions {
  /** What happens to rows that name no scope. */
  readonly unattributed: 'claim' | 'leave'
  /** Only these tables; all when absent. */
  readonly tables?: readonly string[]
  readonly ignored: readonly string[]
}

/** Where other people work in the environment too, a row without a name may be theirs. */
export function logOptionsOf({ application, ignoreTables = [] }: Settings, environment: string): LogOptions {
  const isOwn = environment === 'local' || environment === 'test'
  const configured = typeof application === 'object' ? application.unattributed : undefined
  return { unattributed: configured ?? (isOwn ? 'claim' : 'leave'), ignored: ignoreTables }
}

export interface TableState {
  readonly table: string
  readonly state: 'logged' | 'missing' | 'stale' | 'left'
  readonly code?: 'DUSTPAN_NO_PRIMARY_KEY'
  /** Why it is stale, or not logged. */
  readonly why?: string
}

/** `missing`: not installed. `stale`: it differs from what is wanted. */
export type LogState = 'installed' | 'missing' | 'stale'

export function logStateOf(found: Found, tables: readonly TableState[]): LogState {
  if (found.schema === undefined) return 'missing'
  const isCurrent = found.schema === schemaComment && found.body === currentBody
  return isCurrent && tables.every(({ state }) => state === 'logged' || state === 'left') ? 'installed' : 'stale'
}

export function tableStates({ tables, user }: Found, options: LogOptions): readonly TableState[] {
  return chooseTables(tables, options).map((table) => ({
    table: readableTable(table),
    ...stateOf(table, user, options),
  }))
}

/** @throws DustpanError when the schema `dustpan` is not Dustpan's, or a named table does not exist. */
export function installStatements(found: Found, options: LogOptions): readonly string[] {
  refuseForeignSchema(found)
  const tables = chooseTables(found.tables, options)
  const states = tables.map((table) => stateOf(table, found.user, options).state)
  const isOld = found.schema !== undefined && found.schema !== schemaComment
  const uninstall = isOld ? uninstallStatements(found, {}) : []
  const isPresent = !isOld && found.schema !== undefined
  const schema = isPresent ? (found.body === currentBody ? [] : [replaceFunction]) : createSchema
  const triggers = tables.flatMap((table, index) => {
    if (states[index] === 'logged' && !isOld) return []
    const dropped = isOld ? [] : dropTrigger(table)
    return whyLeft(table, found.user, options) === undefined ? [...dropped, createTrigger(table, options)] : dropped
  })
  return [...uninstall, ...schema, ...triggers]
}

/** With table names, drops only their triggers; else everything. */
export function uninstallStatements(found: Found, { tables }: Pick<LogOptions, 'tables'>): readonly string[] {
  if (found.schema === undefined) return []
  refuseForeignSchema(found)
  const chosenTables = chooseTables(found.tables, { ignored: [], ...(tables === undefined ? {} : { tables }) })
  if (tables !== undefined) return chosenTables.flatMap(dropTrigger)
  const [owned, others] = [chosenTables.filter((table) => table.owned), chosenTables.filter((table) => !table.owned)]
  const withOthers = others.some(({ trigger }) => trigger) ? ' CASCADE' : ''
  return [...owned.flatMap(dropTrigger), `${dropFunction}${withOthers}`, ...dropSchema]
}

const currentBody = `${functionBody}\n`

function stateOf(table: FoundTable, user: string, options: LogOptions): Omit<TableState, 'table'> {
  const { key, trigger } = table
  const why = whyLeft(table, user, options)
  const code = key.length === 0 ? ({ code: 'DUSTPAN_NO_PRIMARY_KEY' } as const) : {}
  if (why !== undefined) return { state: trigger ? 'stale' : 'left', ...code, why }
  if (!trigger) return { state: 'missing' }
  if (!trigger.enabled) return { state: 'stale', why: 'its trigger is disabled' }
  const [mode, ...columns] = trigger.args
  if (columns.join('\0') !== key.join('\0')) return { state: 'stale', why: 'its primary key has changed' }
  return mode === options.unattributed
    ? { state: 'logged' }
    : { state: 'stale', why: 'the option unattributed has changed' }
}

function whyLeft(table: FoundTable, user: string, { ignored }: LogOptions): string | undefined {
  const { key, oddColumn, partition, trigger, mine } = table
  if (isNamedIn(ignored, table)) return 'the option ignoreTables names it'
  if (partition) return 'it has become a partition, and its parent has the trigger'
  if (key.length === 0) return 'it has no primary key by which a row could be found again'
  if (oddColumn !== null)
    return `${oddColumn} in its primary key is an array, a row or JSON, by which no row can be found again`
  return trigger || mine ? undefined : `the role ${user} may not put a trigger on it`
}

/** Tables in `ignoreTables` are never tracked unless they are named. */
function chooseTables(
  all: readonly FoundTable[],
  { tables, ignored }: Pick<LogOptions, 'tables' | 'ignored'>,
): readonly FoundTable[] {
  if (tables === undefined) return all.filter((table) => table.trigger || !isNamedIn(ignored, table))
  return tables.map((name) => {
    const found = all.find((table) => isNamed(table, name))
    if (found) return found
    throw new DustpanError(
      'DUSTPAN_INVALID_ARGUMENT',
      `There is no table ${JSON.stringify(name)} that could be logged.`,
      {
        hint: 'Name it as in SQL, with its schema when that is not public: shop.orders, "Odd name". Views, partitions and tables of extensions are not logged. Nothing was changed.',
      },
    )
  })
}

export const isNamedIn = (names: readonly string[], table: TableName): boolean => namesTable(names)(table)

function isNamed(table: TableName, name: string): boolean {
  const named = parseTableName(name)
  return named !== undefined && table.table === named.table && table.schema === (named.schema ?? 'public')
}

function refuseForeignSchema({ schema }: Found): void {
  if (schema === undefined || (schema !== null && anyLayout.test(schema))) return
  throw new DustpanError(
    'DUSTPAN_NOT_OURS',
    `The database has a schema "dustpan" that Dustpan did not make: its comment is ${JSON.stringify(schema)}.`,
    { hint: 'Rename or drop that schema. Nothing was changed.' },
  )
}

const dropTrigger = (table: FoundTable): readonly string[] =>
  table.trigger ? [`DROP TRIGGER ${quoteIdentifier(table.trigger.name)} ON ${quoteTable(table)}`] : []

/**
 * The trigger name includes the oid of the table: with one name for all, no table with the trigger could be attached to
 * another one as a partition.
 */
function createTrigger(table: FoundTable, { unattributed }: LogOptions): string {
  const args = [unattributed, ...table.key].map(literal).join(', ')
  return `CREATE TRIGGER dustpan_${table.oid} AFTER INSERT OR UPDATE OR DELETE ON ${quoteTable(table)}
  FOR EACH ROW WHEN (pg_catalog.current_setting('dustpan.off', true) IS DISTINCT FROM 'on') EXECUTE FUNCTION dustpan.log_row(${args})`
}

function literal(text: string): string {
  const quoted = `'${text.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`
  return text.includes('\\') ? `E${quoted}` : quoted
}
