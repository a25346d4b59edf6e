/** What has to be done to a database, given what is found there: pure. */
import { DustpanError } from '@dustpan/core/driver'
import { parseTableName, quoteIdentifier, quoteTable, readableTable, type TableName } from '../names.ts'
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

export interface Wanted {
  /** What becomes of rows that name no scope. */
  readonly unattributed: 'claim' | 'leave'
  /** Only these; absent: all. */
  readonly tables?: readonly string[]
  readonly ignored: readonly string[]
}

/** Where other people work too, a row without a name may be theirs. */
export function wantedLog({ application, ignoreTables = [] }: Settings, environment: string): Wanted {
  const isOwn = environment === 'local' || environment === 'test'
  const said = typeof application === 'object' ? application.unattributed : undefined
  return { unattributed: said ?? (isOwn ? 'claim' : 'leave'), ignored: ignoreTables }
}

export interface TableState {
  readonly table: string
  readonly state: 'logged' | 'missing' | 'stale' | 'left'
  readonly code?: 'DUSTPAN_NO_PRIMARY_KEY'
  /** Why it is stale, or left out. */
  readonly why?: string
}

/** `missing`: nothing of it is there. `stale`: it is not as it should be. */
export type LogState = 'installed' | 'missing' | 'stale'

export function logStateOf(found: Found, tables: readonly TableState[]): LogState {
  if (found.schema === undefined) return 'missing'
  const isCurrent = found.schema === schemaComment && found.body === currentBody
  return isCurrent && tables.every(({ state }) => state === 'logged' || state === 'left') ? 'installed' : 'stale'
}

export function tableStates({ tables, user }: Found, wanted: Wanted): readonly TableState[] {
  return chosen(tables, wanted).map((table) => ({ table: readableTable(table), ...stateOf(table, user, wanted) }))
}

/** @throws DustpanError when the schema `dustpan` is somebody else's, or a table is named that is not there. */
export function installStatements(found: Found, wanted: Wanted): readonly string[] {
  refuseStrangers(found)
  const tables = chosen(found.tables, wanted)
  const states = tables.map((table) => stateOf(table, found.user, wanted).state)
  const isOld = found.schema !== undefined && found.schema !== schemaComment
  const before = isOld ? uninstallStatements(found, {}) : []
  const has = !isOld && found.schema !== undefined
  const schema = has ? (found.body === currentBody ? [] : [replaceFunction]) : createSchema
  const triggers = tables.flatMap((table, index) => {
    if (states[index] === 'logged' && !isOld) return []
    const dropped = isOld ? [] : dropTrigger(table)
    return whyLeft(table, found.user, wanted) === undefined ? [...dropped, createTrigger(table, wanted)] : dropped
  })
  return [...before, ...schema, ...triggers]
}

/** Of the tables named, only their triggers; else everything. */
export function uninstallStatements(found: Found, { tables }: Pick<Wanted, 'tables'>): readonly string[] {
  if (found.schema === undefined) return []
  refuseStrangers(found)
  const chosenTables = chosen(found.tables, { ignored: [], ...(tables === undefined ? {} : { tables }) })
  if (tables !== undefined) return chosenTables.flatMap(dropTrigger)
  const [owned, others] = [chosenTables.filter((table) => table.owned), chosenTables.filter((table) => !table.owned)]
  const withOthers = others.some(({ trigger }) => trigger) ? ' CASCADE' : ''
  return [...owned.flatMap(dropTrigger), `${dropFunction}${withOthers}`, ...dropSchema]
}

const currentBody = `${functionBody}\n`

function stateOf(table: FoundTable, user: string, wanted: Wanted): Omit<TableState, 'table'> {
  const { key, trigger } = table
  const why = whyLeft(table, user, wanted)
  const code = key.length === 0 ? ({ code: 'DUSTPAN_NO_PRIMARY_KEY' } as const) : {}
  if (why !== undefined) return { state: trigger ? 'stale' : 'left', ...code, why }
  if (!trigger) return { state: 'missing' }
  if (!trigger.enabled) return { state: 'stale', why: 'its trigger is disabled' }
  const [mode, ...columns] = trigger.args
  if (columns.join('\0') !== key.join('\0')) return { state: 'stale', why: 'its primary key has changed' }
  return mode === wanted.unattributed
    ? { state: 'logged' }
    : { state: 'stale', why: 'the option unattributed has changed' }
}

function whyLeft(table: FoundTable, user: string, { ignored }: Wanted): string | undefined {
  const { key, oddColumn, partition, trigger, mine } = table
  if (isNamedIn(ignored, table)) return 'the option ignoreTables names it'
  if (partition) return 'it has become a partition, and its parent has the trigger'
  if (key.length === 0) return 'it has no primary key by which a row could be found again'
  if (oddColumn !== null)
    return `${oddColumn} in its primary key is an array, a row or JSON, by which no row can be found again`
  return trigger || mine ? undefined : `the role ${user} may not put a trigger on it`
}

/** `ignoreTables` are those that are never tracked by themselves. */
function chosen(
  all: readonly FoundTable[],
  { tables, ignored }: Pick<Wanted, 'tables' | 'ignored'>,
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

export const isNamedIn = (names: readonly string[], table: TableName): boolean =>
  names.some((name) => isNamed(table, name))

function isNamed(table: TableName, name: string): boolean {
  const named = parseTableName(name)
  return named !== undefined && table.table === named.table && table.schema === (named.schema ?? 'public')
}

function refuseStrangers({ schema }: Found): void {
  if (schema === undefined || (schema !== null && anyLayout.test(schema))) return
  throw new DustpanError(
    'DUSTPAN_NOT_OURS',
    `The database has a schema "dustpan" that Dustpan did not make: its comment is ${JSON.stringify(schema)}.`,
    { hint: 'Rename or drop that schema. Nothing was changed.' },
  )
}

const dropTrigger = (table: FoundTable): readonly string[] =>
  table.trigger ? [`DROP TRIGGER ${quoteIdentifier(table.trigger.name)} ON ${quoteTable(table)}`] : []

/** The name holds the table's oid: with one name for all, no table that has the trigger could be attached as a partition to another one. */
function createTrigger(table: FoundTable, { unattributed }: Wanted): string {
  const args = [unattributed, ...table.key].map(literal).join(', ')
  return `CREATE TRIGGER dustpan_${table.oid} AFTER INSERT OR UPDATE OR DELETE ON ${quoteTable(table)}
  FOR EACH ROW WHEN (pg_catalog.current_setting('dustpan.off', true) IS DISTINCT FROM 'on') EXECUTE FUNCTION dustpan.log_row(${args})`
}

function literal(text: string): string {
  const quoted = `'${text.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`
  return text.includes('\\') ? `E${quoted}` : quoted
}
