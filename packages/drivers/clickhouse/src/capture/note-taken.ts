/** Asks, before a statement takes rows, which existing rows these are: those of no test. */
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
import { takesRow } from './own-mutations.ts'
import { keyColumns } from './row-keys.ts'
import { noteRenamed, noteTaken, noteUnknown, noteUnknownDatabase, type WrittenRow } from './taken-rows.ts'
import type { Taking } from './takes-rows.ts'
import { asTold, writtenKeys } from './written-keys.ts'

interface Asked {
  readonly session: ClientSession
  readonly sink: CaptureSink
}

/** Of each table; beyond it nothing that is inserted into the table is tracked any more. */
const mostRows = 10_000
const mostTables = 200

/**
 * Never throws. Answers what to do once the statement was run. A table that cannot be looked up is none that the statement could change.
 */
export async function noteTakenBy(asked: Asked, taking: Taking, { query_params }: TextParams): Promise<() => void> {
  const { database, condition } = taking
  const { names, isAll } =
    database === undefined ? { names: taking.tables, isAll: true } : await tablesOf(asked.session, database)
  const openIn = async (name: string): Promise<readonly Found[]> => {
    const found = await lookedUp(asked.session, name)
    const isNoted = !found || !canDelete(found.table) || (await noteRows(asked, found, condition, query_params))
    return isNoted ? [] : [found]
  }
  const open = (await Promise.all(names.map(openIn))).flat()
  const renamed = taking.renames ? await namesOf(asked.session, taking.tables) : []
  const store = isAll ? undefined : await storeOf(asked.session, database)
  return () => {
    for (const { store, table } of open) noteUnknown({ store, table: table.name })
    if (store !== undefined) noteUnknownDatabase(store)
    noteRenamed(renamed)
  }
}

async function lookedUp(session: ClientSession, name: string): Promise<Found | undefined> {
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
    const sql = `SELECT name FROM system.tables WHERE database = ${name} LIMIT ${mostTables + 1}`
    const tables = await server.rows<{ name: string }>(sql)
    const isAll = tables.length <= mostTables
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

/** False: it is not known which rows go. */
async function noteRows(
  asked: Asked,
  found: Found,
  condition: string | undefined,
  given: TextParams['query_params'],
): Promise<boolean> {
  const { table, store } = found
  const columns = keyColumns(table).filter((column) => isComparable(table.columns.get(column)?.type ?? ''))
  if (columns.length === 0) return true
  try {
    const server = await asked.session.server
    const where = [
      ...(condition === undefined ? [] : [takesRow(server, condition)]),
      ...ofOtherRuns(table, asked.sink),
    ].join(' AND ')
    const rows = await rowsIn(server, table, columns, where, given)
    if (rows)
      noteTaken(
        { store, table: table.name },
        columns,
        await withoutOwn(asked, found, columns, rows),
        condition === undefined ? undefined : 'by-mutation',
      )
    return rows !== undefined
  } catch {
    return false
  }
}

/** Rows with this run's id are its own, whichever process inserted them. Rows that merge lose what marks them. */
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
  given: TextParams['query_params'],
): Promise<readonly WrittenRow[] | undefined> {
  const names = keyNames(columns)
  const few = `SELECT ${names} FROM ${tableName(table)}${where === '' ? '' : ` WHERE ${where}`} LIMIT ${mostRows + 1}`
  const sql = `SELECT ${keyTexts(columns)}, count() AS dustpan_rows FROM (${few}) GROUP BY ${names}`
  const told = await server.rows<Record<string, unknown>>(sql, given ? { given } : {})
  const rows = told.map((row) => ({
    parts: keyIn(row, columns).map((text, i) => asTold(table, columns[i] as string, text)),
    rows: Number(row.dustpan_rows),
  }))
  return rows.reduce((sum, one) => sum + one.rows, 0) > mostRows ? undefined : rows
}

/** Without the rows that this process has on record. @throws what the client throws */
export async function withoutOwn(
  { session, sink }: Asked,
  { table, store }: Found,
  columns: readonly string[],
  rows: readonly WrittenRow[],
): Promise<readonly WrittenRow[]> {
  if (rows.length === 0) return rows
  const left = rows.map((row) => ({ ...row, isKnown: false }))
  const its = [...sink.known()].filter((one) => one.type === table.name && one.store.id === store && columnsOf(one))
  for (const records of Map.groupBy(its, (one) => JSON.stringify(columnsOf(one))).values()) {
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
      take(byKey.get(JSON.stringify(written[i])) ?? [], rowArgs(record.removal as never)?.rows)
  }
  for (const row of left.filter(({ isKnown, rows: count }) => !isKnown && count > 0)) {
    const record = sink.onRecord({ id: store }, table.name, keyOf(table, columns, row.parts))
    if (record?.removal && !('closure' in record.removal)) take([row], rowArgs(record.removal)?.rows)
  }
  return left.filter((row) => row.rows > 0)
}

type Left = { -readonly [name in keyof WrittenRow]: WrittenRow[name] } & { isKnown: boolean }

function take(found: readonly Left[], recorded: number | 'any' = 1): void {
  let open = recorded === 'any' ? Number.POSITIVE_INFINITY : recorded
  for (const row of found) {
    const own = Math.min(open, row.rows)
    row.rows -= own
    row.isKnown = true
    open -= own
  }
}

function columnsOf({ removal }: KnownResource): readonly string[] | undefined {
  return removal && !('closure' in removal) ? rowArgs(removal)?.columns : undefined
}

/** As a record of this process may have it. */
function keyOf(table: Table, columns: readonly string[], parts: readonly string[]): Json {
  const values = parts.map((part, i) => keyValue(table.columns.get(columns[i] as string)?.type ?? '', part))
  return values.length === 1 ? (values[0] as Json) : values
}

/** Lists and the like are no part of a key here. */
const isComparable = (type: string): boolean =>
  /^(?:U?Int|Float|Decimal|Bool|Date|Enum|String|FixedString|UUID|IPv)/.test(bareType(type))
