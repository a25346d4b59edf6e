import { DustpanError, type Json } from '@dustpan/core/driver'
import { literal, quoteName, quoteTable, readable, readableTable, textOf } from '../names.ts'
import type { Session } from '../session.ts'
import {
  type Column,
  counterIsAbove,
  type Incarnation,
  isIncarnation,
  keyIsNamed,
  type Reference,
  type Table,
} from '../tables.ts'
import { type Batch, keysOf } from './batches.ts'

/** A value in a statement of Dustpan's own sessions, whose quotes and escapes are known. */
export function valueSql(value: Json): string {
  const text = textOf(value)
  return text === null ? 'NULL' : `'${text.replace(/[\\']/g, '\\$&').replaceAll('\0', '\\0')}'`
}

/** The batch's keys as a table `k` with their values and their number `n`, joined with the batch's table as `t`. */
export function targetsOf(batch: Batch): string {
  const columns = batch.columns.map(
    (name, index) => `k${index} ${typeIn(columnOf(batch.table, name))} PATH '$[${index}]'`,
  )
  const keys = `JSON_TABLE(${valueSql(keysOf(batch))}, '$[*]' COLUMNS (n FOR ORDINALITY, ${columns.join(', ')})) AS k`
  const same = batch.columns.map((name, index) => isKey(columnOf(batch.table, name), index))
  return `${keys} STRAIGHT_JOIN ${quoteTable(batch.table)} AS t ON ${same.join(' AND ')}`
}

/** Locks the rows of `t` only: MySQL would also lock those of subqueries, which MariaDB does not. */
export function lockClause({ isMariaDB }: Session, option: '' | 'SKIP LOCKED' = ''): string {
  return ` FOR UPDATE ${isMariaDB ? '' : 'OF t '}${option}`
}

/**
 * The condition that a row is the recorded one: the table was not emptied since, its key has the same columns, and their values
 * still match.
 */
export function isRecordedRow(batch: Batch, session: Session, row = 't'): string {
  const { table, proof, where, columns } = batch
  const match = Object.entries(proof.match ?? {}).map(
    ([column, value]) => ` AND ${row}.${quoteName(column)} <=> ${valueSql(value)}`,
  )
  const keyNamed = proof.incarnation === undefined ? '' : keyIsNamed(table, columns)
  return `TRUE${isIncarnation(table, proof.incarnation, session)}${keyNamed}${isNumbered(batch)}${match.join('')}${where === undefined ? '' : ` AND (${where})`}`
}

/** Additional proof for records that have nothing but the key: the table's counter is above the highest recorded number. */
function isNumbered({ table, columns, targets, proof }: Batch): string {
  const [only = '', another] = columns
  const isKeyOnly = (proof.incarnation as Incarnation | undefined)?.created !== undefined && !proof.match
  if (!isKeyOnly || another !== undefined || !table.columns.get(only)?.autoIncrement) return ''
  const numbers = targets.map(({ key }) => Number(key)).filter(Number.isSafeInteger)
  return numbers.length === 0 ? '' : counterIsAbove(table, Math.max(...numbers))
}

/** Whether rows are identified by the table's key. */
export function isByKey({ columns, table: { key } }: Batch): boolean {
  return key.length > 0 && columns.join('\n') === key.map(({ name }) => name).join('\n')
}

/** The condition that no row of another table refers to a row of `t`. */
export function hasNoDependents({ referencedBy }: Pick<Table, 'referencedBy'>, row = 't'): string {
  return referencedBy
    .map((reference) => ` AND NOT EXISTS (SELECT 1 FROM ${quoteTable(reference)} c WHERE ${refersTo(reference, row)})`)
    .join('')
}

export function refersTo({ columns, parentColumns }: Reference, row = 't'): string {
  return columns
    .map((column, index) => `c.${quoteName(column)} = ${row}.${quoteName(parentColumns[index] ?? '')}`)
    .join(' AND ')
}

/**
 * The usual case, keys of one number or text, as a list: a third faster than a join. Undefined for other keys. MariaDB allows no
 * table alias there.
 */
export function keyList({ table, columns, targets, where }: Batch): { row: string; isTarget: string } | undefined {
  const [only = '', another] = columns
  const column = table.columns.get(only)
  if (!column || another !== undefined || where !== undefined || aliases.has(table.table)) return undefined
  const pattern = isNumber.has(column.type) ? /^-?\d+$/ : /^(?:var)?char$/.test(column.type) ? /^/ : undefined
  const texts = pattern ? targets.map(({ key }) => (Array.isArray(key) ? null : textOf(key))) : [null]
  if (!texts.every((text) => text !== null && pattern?.test(text))) return undefined
  const row = quoteTable(table)
  const values = isNumber.has(column.type) ? texts : texts.map(valueSql)
  return { row, isTarget: `${row}.${quoteName(column.name)} IN (${values.join(',')})` }
}

const isNumber = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint'])
/** Aliases used in the conditions. */
const aliases = new Set(['c', 'f', 'i'])

export function columnOf(table: Table, name: string): Column {
  const found = table.columns.get(name) ?? [...table.columns.values()].find((column) => sameColumn(column.name, name))
  if (found) return found
  throw new DustpanError('DUSTPAN_REMOVAL_FAILED', `The table ${readableTable(table)} has no column ${readable(name)}`)
}

function sameColumn(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

/** A column's value in the form of recorded keys: binary in hex, everything else as text. */
export function keyText({ name, type }: Column, row?: string): string {
  const column = row === undefined ? quoteName(name) : `${row}.${quoteName(name)}`
  if (binary.has(type)) return `CONCAT('0x', LOWER(HEX(${column})))`
  return type === 'bit' ? `CAST(${column} + 0 AS CHAR)` : `CAST(${column} AS CHAR)`
}

const integers = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'bit', 'year'])
const binary = new Set(['binary', 'varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob'])

export function isBinary({ type }: Column): boolean {
  return binary.has(type)
}

/** Integers are numbers if a number can represent them; everything else is text. */
export function keyValue({ type }: Column, text: string | null): Json {
  if (text === null || !integers.has(type)) return text
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : text
}

/** A scalar, or an array for a key of several columns. */
export function keyFrom(columns: readonly Column[], texts: readonly (string | null)[]): Json {
  const values = columns.map((column, index) => keyValue(column, texts[index] ?? null))
  return values.length === 1 ? (values[0] ?? null) : values
}

function typeIn({ type, fullType, length }: Column): string {
  if (type === 'bit') return 'BIGINT UNSIGNED'
  if (integers.has(type) && type !== 'year') return fullType.includes('unsigned') ? 'BIGINT UNSIGNED' : 'BIGINT'
  if (type === 'decimal') return fullType.replace(/ (?:unsigned|zerofill)/g, '')
  if (['date', 'time', 'datetime', 'double'].includes(type)) return fullType
  if (type === 'timestamp') return fullType.replace('timestamp', 'datetime')
  const size = binary.has(type) ? 2 * length + 2 : length
  return `VARCHAR(${Math.min(Math.max(size, 64), 8_000)}) CHARACTER SET utf8mb4`
}

/** Compares a FLOAT as text: its text form is slightly different from its value. */
function isKey(column: Column, index: number): string {
  const name = `t.${quoteName(column.name)}`
  return column.type === 'float'
    ? `CONVERT(CAST(${name} AS CHAR) USING utf8mb4) COLLATE utf8mb4_bin = k.k${index}`
    : `${name} = ${keyIn(column, index)}`
}

function keyIn({ type, charset, collation }: Column, index: number): string {
  if (binary.has(type)) return `UNHEX(SUBSTRING(k.k${index}, 3))`
  if (charset === null || collation === null) return `k.k${index}`
  return `CONVERT(k.k${index} USING ${charset}) COLLATE ${collation}`
}

/** The assignments that mark a row as deleted. */
export function assignments({ set = {}, table }: Batch): string {
  return Object.entries(set)
    .map(([column, value]) => `t.${quoteName(columnOf(table, column).name)} = ${mark(table, value)}`)
    .join(', ')
}

/** The condition that a row is not marked as deleted yet, if rows are marked. */
export function isUnmarked({ set, table }: Pick<Batch, 'set' | 'table'>): string {
  if (!set) return ''
  const marked = Object.entries(set).map(([column, value]) => {
    const name = `t.${quoteName(columnOf(table, column).name)}`
    return value === 'now' ? `${name} IS NOT NULL` : `${name} <=> ${mark(table, value)}`
  })
  return ` AND NOT (${marked.join(' AND ')})`
}

/** `'now'` is the current time, `{id}` in a text the row's own key, so that unique values can be freed. */
function mark({ key }: Table, value: Json): string {
  if (value === 'now') return 'NOW(6)'
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE'
  if (typeof value !== 'string' || !value.includes('{id}')) return valueSql(value)
  const id = key.map((column) => keyText(column, 't')).join(', ')
  return `REPLACE(${literal(value)}, '{id}', CONCAT_WS('-', ${id}))`
}
