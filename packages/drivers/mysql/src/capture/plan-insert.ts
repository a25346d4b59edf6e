import type { Code, Json } from '@dustpan/core/driver'
import { readableTable } from '../names.ts'
import type { Session } from '../session.ts'
import type { Column, Table } from '../tables.ts'
import type { Passage } from './charsets.ts'
import { keyAsked } from './key-columns.ts'
import type { Found } from './replaced-rows.ts'
import type { Done } from './server-answer.ts'
import type { Insert } from './statement.ts'
import { type Written, writtenIn } from './written-value.ts'

/** What is known of the rows that an INSERT makes, before it is sent. */
export interface InsertPlan {
  readonly insert: Insert
  readonly table: Table
  /** By row, the parts of its key. Absent: they are not known. */
  readonly keys?: readonly (readonly Written[])[]
  /** The server numbers every row, one after the other. */
  readonly counted?: true
  /** Columns that RETURNING is to give, where only it can tell. */
  readonly returning?: readonly string[]
  /** Why no key can be told. */
  readonly why?: { readonly code: Code; readonly message: string }
}

interface Circumstances {
  readonly session: Session
  readonly parameters: readonly unknown[]
  readonly letters: Passage
  /** RETURNING may be added: there is one statement, and the server may answer with rows. */
  readonly mayReturn: boolean
}

export function planInsert(insert: Insert, table: Table, circumstances: Circumstances): InsertPlan {
  const { key, isTable } = table
  if (!isTable) return { insert, table, why: unattributed(`${readableTable(table)} is a view`) }
  if (key.length === 0) return { insert, table, why: withoutKey(table) }
  if (key.some(({ type }) => type === 'timestamp')) return { insert, table, why: inTimeZone(table) }
  if (isCounted(insert, table)) return { insert, table, counted: true }
  const keys = keysOf(insert, table, circumstances)
  const isTold = keys !== undefined && isCertain(keys) && !(insert.ignores && keys.length > 1)
  if (isTold && !insert.returning) return { insert, table, keys }
  if (mayAddReturning(insert, table, circumstances))
    return { insert, table, ...(keys ? { keys } : {}), returning: returningOf(table) }
  if (keys !== undefined && isCertain(keys) && !insert.returning) return { insert, table, keys }
  const written = keys?.every((row) => row.every((part) => typeof part === 'object'))
  if (written && keys && insert.verb === 'INSERT' && !insert.ignores && !insert.updates) return { insert, table, keys }
  return {
    insert,
    table,
    why: unattributed(withoutTelling(insert, table)),
  }
}

/** The keys that it writes, where they are known before it is sent. */
export function keysWritten({ keys }: InsertPlan): readonly Json[] | undefined {
  const isWritten = keys?.every((parts) => parts.every((part) => typeof part === 'object'))
  return isWritten ? keys?.map((parts) => keyFrom(parts, null)) : undefined
}

/** Whether the statement gives its rows their keys, or a part of them: the numbers that a server makes up were never there. */
export function givesKeys({ insert, table, keys, counted }: InsertPlan): boolean {
  if (counted || keys?.every((row) => row.includes('generated'))) return false
  if (table.changesInserts || !insert.columns?.length) return true
  return table.key.some((column) => placeOf(insert.columns ?? [], column) >= 0)
}

export type Made =
  | { readonly keys: readonly Json[] }
  /** No row came: they were there, or none was to be made. */
  | { readonly none: 'updated-existing' | 'not-a-creation' }
  | { readonly why: { readonly code: Code; readonly message: string } }

/** The keys of the rows that came, by what the server answered. `foundRows`: rows that are there as they should be count as affected. */
export function madeBy(
  { insert, table, keys = [], counted, why }: InsertPlan,
  done: Done,
  session: Session,
  foundRows: boolean,
  found: Found,
): Made {
  if (done.affected === 0) return { none: insert.updates ? 'updated-existing' : 'not-a-creation' }
  if (why) return { why }
  if (counted) return { keys: numbersFrom(done.insertId, done.affected, session.increment) }
  const made =
    found === 'none' ? isNew(insert, table, keys.length, done, foundRows) : replacing(table, keys.length, done, found)
  if (made === 'existing') return { none: 'updated-existing' }
  if (made === 'unknown')
    return { why: unattributed(`${formOf(insert)} into ${readableTable(table)} does not tell which rows are new`) }
  const numbers = numbersFrom(done.insertId, keys.length, session.increment)
  return { keys: keys.map((parts, index) => keyFrom(parts, numbers[index] as Json)) }
}

function numbersFrom(first: bigint, count: number, increment: number): readonly Json[] {
  const isSafe = first + BigInt(count * increment) <= BigInt(Number.MAX_SAFE_INTEGER)
  const from = Number(first)
  return Array.from({ length: count }, (_, index) =>
    isSafe ? from + index * increment : numberOf(first + BigInt(index * increment)),
  )
}

/** How many rows were new: `REPLACE` counts those that it deleted, and an upsert those that it changed, twice. */
function isNew(
  insert: Insert,
  table: Table,
  count: number,
  done: Done,
  foundRows: boolean,
): 'new' | 'existing' | 'unknown' {
  const { affected, insertId, info } = done
  if (insert.updates) {
    if (count > 1) return affected === count && /Duplicates: 0\b/.test(info) ? 'new' : 'unknown'
    if (affected !== 1) return 'existing'
    if (!foundRows) return 'new'
    // An id is told for a row that came, and none for one that is as it should be.
    const counts = [...table.columns.values()].some(({ autoIncrement }) => autoIncrement)
    if (!counts || insert.tellsId) return 'unknown'
    return insertId > 0n ? 'new' : 'existing'
  }
  if (affected === count) return 'new'
  // The row that went had another unique key in common: what has come is new, and may stand for somebody's.
  if (table.hasOtherKeys) return 'unknown'
  return insert.verb === 'REPLACE' ? replaced(count) : 'unknown'
}

/** One more than there are rows, and one was another. */
function replacing(table: Table, count: number, { affected }: Done, found: Found): 'existing' | 'unknown' {
  const isUnsure = found === 'unknown' && (affected === count || table.hasOtherKeys)
  return isUnsure ? 'unknown' : replaced(count)
}

/** Of several rows it is not known which were there. */
const replaced = (count: number): 'existing' | 'unknown' => (count === 1 ? 'existing' : 'unknown')

function keyFrom(parts: readonly Written[], id: Json): Json {
  const values = parts.map((part): Json => (typeof part === 'object' ? part.key : id))
  return values.length === 1 ? (values[0] ?? null) : values
}

export function numberOf(id: bigint): Json {
  return id <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(id) : String(id)
}

/** A plain INSERT makes all of its rows or none, and names no value for the number: what the rows hold need not be read. */
function isCounted(insert: Insert, table: Table): boolean {
  const { verb, ignores, updates, returning, columns, isSelect } = insert
  const [only, another] = table.key
  if (!only?.autoIncrement || another || table.changesInserts || !columns?.length || isSelect) return false
  return verb === 'INSERT' && !ignores && !updates && !returning && placeOf(columns, only) < 0
}

function keysOf(insert: Insert, table: Table, { session, parameters, letters }: Circumstances): InsertPlan['keys'] {
  if (!insert.rows || table.changesInserts) return undefined
  const columns = insert.columns?.length ? insert.columns : allColumns(table)
  const { quotesNames, countsFromZero } = session
  const meaning = { parameters, quotesNames, countsFromZero, letters }
  const places = table.key.map((column) => placeOf(columns, column))
  const known = (written: Written) => (table.hidesTriggers && typeof written === 'object' ? 'unknown' : written)
  return insert.rows.map((row) =>
    table.key.map((column, part) =>
      known(writtenIn(column, row.length === 0 ? undefined : row[places[part] ?? -1], meaning)),
    ),
  )
}

/** What a statement means that names none. */
export function allColumns({ columns }: Table): readonly string[] {
  return [...columns.values()].filter(({ invisible }) => !invisible).map(({ name }) => name)
}

const places = new WeakMap<readonly string[], Map<string, number>>()

/** Names of columns are the same in any case. Found once for a statement that is run again and again. */
function placeOf(columns: readonly string[], { name }: Column): number {
  const known = places.get(columns) ?? new Map<string, number>()
  places.set(columns, known)
  const found = known.get(name) ?? columns.findIndex((column) => column.toLowerCase() === name.toLowerCase())
  known.set(name, found)
  return found
}

/** All are known; or all are made up by the server, one after the other. Numbers for some of the rows only begin nobody knows where. */
function isCertain(keys: readonly (readonly Written[])[]): boolean {
  const parts = keys.flat()
  if (parts.includes('unknown')) return false
  const counted = keys.filter((row) => row.includes('generated')).length
  return counted === 0 || counted === keys.length
}

/** What the server would have answered without RETURNING must be known as well: which id it tells. */
function mayAddReturning(insert: Insert, table: Table, { session, mayReturn }: Circumstances): boolean {
  if (!mayReturn || !session.isMariaDB || insert.returning || insert.updates || insert.verb !== 'INSERT') return false
  if (insert.rows) return true
  const counted = [...table.columns.values()].find(({ autoIncrement }) => autoIncrement)
  const isGiven = counted && (!insert.columns || placeOf(insert.columns, counted) >= 0)
  return !isGiven && !insert.ignores
}

/** The key; then the number that the server made up, if any. */
function returningOf(table: Table): readonly string[] {
  const counted = [...table.columns.values()].find(({ autoIncrement }) => autoIncrement)
  return [...table.key, ...(counted ? [counted] : [])].map((column) => keyAsked(column))
}

function formOf({ verb, ignores, rows, updates, returning }: Insert): string {
  const form = [verb, ...(ignores ? ['IGNORE'] : []), ...(rows ? [] : ['… SELECT'])].join(' ')
  if (updates) return `${form} … ON DUPLICATE KEY UPDATE`
  return returning ? `${form} … RETURNING` : form
}

function unattributed(what: string): NonNullable<InsertPlan['why']> {
  return { code: 'DUSTPAN_SQL_UNATTRIBUTED', message: `${what}: track() the rows that the test made` }
}

function withoutTelling(insert: Insert, table: Table): string {
  const what = `${formOf(insert)} into ${readableTable(table)} does not tell the keys of its rows`
  return table.hidesTriggers ? `${what} to a user without the privilege TRIGGER, whom MySQL shows no trigger` : what
}

function inTimeZone(table: Table): NonNullable<InsertPlan['why']> {
  return unattributed(
    `A key of ${readableTable(table)} is a TIMESTAMP, which each session sees in a time zone of its own`,
  )
}

function withoutKey(table: Table): NonNullable<InsertPlan['why']> {
  const message = `Rows of ${readableTable(table)} are not tracked: it has no primary key, so they cannot be told apart`
  return { code: 'DUSTPAN_NO_PRIMARY_KEY', message }
}
