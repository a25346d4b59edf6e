/** Before a statement removes rows, notes which of them are existing rows of no test. */
import type { CaptureSink, Json, KnownResource } from '@dustpan/core/driver'
import type { TextParams } from '../library.ts'
import { rowArgs } from '../removal/spec.ts'
import { bareType, keyValue } from '../sql/literal.ts'
import { nameParts, quoteName, quoteText } from '../sql/quote.ts'
import type { Server } from '../sql/server.ts'
import { canDelete, merges, type Table, tableName } from '../sql/table.ts'
import { keyIn, keyNames, keyTexts, matching } from '../sql/where.ts'
import type { ClientSession, Found } from './client-session.ts'
import { markingOf } from './marking.ts'
import { removesRow } from './own-mutations.ts'
import { noteRemoved, noteRenamed, noteUnknown, noteUnknownDatabase, type WrittenRow } from './removed-rows.ts'
import type { RowRemoval } from './removing-statements.ts'
import { keyColumns } from './row-keys.ts'
import { normalised, writtenKeys } from './written-keys.ts'

interface CallContext {
  readonly session: ClientSession
  readonly sink: CaptureSink
}

/** Rows per table; if more are removed, later inserts into the table are not tracked. */
const maxRows = 10_000
const maxTables = 200

/**
 * Returns a function to call once the statement was run. A table that cannot be read is one that the statement cannot
 * change. Never throws.
 */
export async function noteRemovedBy(
  context: CallContext,
  statement: RowRemoval,
  { query_params }: TextParams,
): Promise<() => void> {
  const { database, condition } = statement
  const { names, isAll } =
    database === undefined ? { names: statement.tables, isAll: true } : await tablesOf(context.session, database)
  const unknownIn = async (name: string): Promise<readonly Found[]> => {
    const found = await findTable(context.session, name)
    const isNoted = !found || !canDelete(found.table) || (await noteRows(context, found, condition, query_params))
    return isNoted ? [] : [found]
  }
  const unreadable = (await Promise.all(names.map(unknownIn))).flat()
  const renamed = statement.renames ? await namesOf(context.session, statement.tables) : []
  const store = isAll ? undefined : await storeOf(context.session, database)
  return () => {
    for (const { store, table } of unreadable) noteUnknown({ store, table: table.name })
    if (store !== undefined) noteUnknownDatabase(store)
    noteRenamed(renamed)
  }
}

async function findTable(session: ClientSession, name: string): Promise<Found | undefined> {
  try {
    return await session.table(name)
  } catch {
    return undefined
  }
}

async function namesOf(session: ClientSession, written: readonly string[]) {
  const names = await Promise.all(written.map((name) => session.storeOf(name).catch(() => undefined)))
  return names.flatMap((one) => (one ? [{ store: one.store, table: one.name }] : []))
}

async function tablesOf(
  session: ClientSession,
  database: string,
): Promise<{ names: readonly string[]; isAll: boolean }> {
  try {
    const server = await session.server
    const name = quoteText(nameParts(database)?.[0] ?? database)
    const sql = `SELECT name FROM system.tables WHERE database = ${name} LIMIT ${maxTables + 1}`
    const tables = await server.rows<{ name: string }>(sql)
    const isAll = tables.length <= maxTables
    return { names: isAll ? tables.map((table) => `${database}.${quoteName(table.name)}`) : [], isAll }
  } catch {
    return { names: [], isAll: false }
  }
}

const storeOf = (session: ClientSession, database = ''): Promise<string | undefined> =>
  session.storeOf(`${database}.any`).then(
    (found) => found?.store,
    () => undefined,
  )

/** False: the removed rows are not known. */
async function noteRows(
  context: CallContext,
  found: Found,
  condition: string | undefined,
  params: TextParams['query_params'],
): Promise<boolean> {
  const { table, store } = found
  const columns = keyColumns(table).filter((column) => isComparable(table.columns.get(column)?.type ?? ''))
  if (columns.length === 0) return true
  try {
    const server = await context.session.server
    const where = [
      ...(condition === undefined ? [] : [removesRow(server, condition)]),
      ...ofOtherRuns(table, context.sink),
    ].join(' AND ')
    const rows = await rowsIn(server, table, columns, where, params)
    if (rows)
      noteRemoved(
        { store, table: table.name },
        columns,
        await withoutRecorded(context, found, columns, rows),
        condition === undefined ? undefined : 'mutation',
      )
    return rows !== undefined
  } catch {
    return false
  }
}

/** Excludes rows with this run's id, whichever process inserted them. Rows that merge lose their marks. */
function ofOtherRuns(table: Table, { marker }: CaptureSink): readonly string[] {
  const marking = merges(table) ? undefined : markingOf(table, marker)
  return marking ? [`NOT (1${matching(table, { [marking.column]: marking.run })})`] : []
}

/** Undefined: too many. */
async function rowsIn(
  server: Server,
  table: Table,
  columns: readonly string[],
  where: string,
  params: TextParams['query_params'],
): Promise<readonly WrittenRow[] | undefined> {
  const names = keyNames(columns)
  const limited = `SELECT ${names} FROM ${tableName(table)}${where === '' ? '' : ` WHERE ${where}`} LIMIT ${maxRows + 1}`
  const sql = `SELECT ${keyTexts(columns)}, count() AS dustpan_rows FROM (${limited}) GROUP BY ${names}`
  const answer = await server.rows<Record<string, unknown>>(sql, params ? { params } : {})
  const rows = answer.map((row) => ({
    parts: keyIn(row, columns).map((text, i) => normalised(table, columns[i] as string, text)),
    rows: Number(row.dustpan_rows),
  }))
  return rows.reduce((sum, one) => sum + one.rows, 0) > maxRows ? undefined : rows
}

/** Leaves out the rows that this process has on record. @throws the client's error */
export async function withoutRecorded(
  { session, sink }: CallContext,
  { table, store }: Found,
  columns: readonly string[],
  rows: readonly WrittenRow[],
): Promise<readonly WrittenRow[]> {
  if (rows.length === 0) return rows
  const left = rows.map((row) => ({ ...row, isKnown: false }))
  const recorded = [...sink.known()].filter(
    (one) => one.type === table.name && one.store.id === store && columnsOf(one),
  )
  for (const records of Map.groupBy(recorded, (one) => JSON.stringify(columnsOf(one))).values()) {
    const [first] = records
    const named = first && columnsOf(first)
    if (!named?.every((column) => columns.includes(column))) continue
    const at = named.map((column) => columns.indexOf(column))
    const byKey = Map.groupBy(left, ({ parts }) => JSON.stringify(at.map((i) => parts[i])))
    const written = await writtenKeys(
      { session, table, columns: named },
      records.map(({ key }) => key),
    )
    for (const [i, record] of records.entries())
      subtract(byKey.get(JSON.stringify(written[i])) ?? [], rowArgs(record.removal as never)?.rows)
  }
  for (const row of left.filter(({ isKnown, rows: count }) => !isKnown && count > 0)) {
    const record = sink.onRecord({ id: store }, table.name, keyOf(table, columns, row.parts))
    if (record?.removal && !('closure' in record.removal)) subtract([row], rowArgs(record.removal)?.rows)
  }
  return left.filter((row) => row.rows > 0)
}

type CountedRow = { -readonly [name in keyof WrittenRow]: WrittenRow[name] } & { isKnown: boolean }

function subtract(found: readonly CountedRow[], recorded: number | 'any' = 1): void {
  let unknown = recorded === 'any' ? Number.POSITIVE_INFINITY : recorded
  for (const row of found) {
    const own = Math.min(unknown, row.rows)
    row.rows -= own
    row.isKnown = true
    unknown -= own
  }
}

function columnsOf({ removal }: KnownResource): readonly string[] | undefined {
  return removal && !('closure' in removal) ? rowArgs(removal)?.columns : undefined
}

/** The key in the form of this process' records. */
function keyOf(table: Table, columns: readonly string[], parts: readonly string[]): Json {
  const values = parts.map((part, i) => keyValue(table.columns.get(columns[i] as string)?.type ?? '', part))
  return values.length === 1 ? (values[0] as Json) : values
}

/** Arrays and the like cannot be part of a key here. */
const isComparable = (type: string): boolean =>
  /^(?:U?Int|Float|Decimal|Bool|Date|Enum|String|FixedString|UUID|IPv)/.test(bareType(type))
