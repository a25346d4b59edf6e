import { type Condition, DustpanError, defaultTag, type Json, type OwnerColumn } from '@dustpan/core/driver'
import { likePattern, unfitColumn } from '@dustpan/core/rows'
import { quoteName, readable, readableTable, textOf } from '../names.ts'
import { columnOf, valueSql } from '../removal/statement-parts.ts'
import type { Column, Table } from '../tables.ts'
import type { Owner } from './owner.ts'

/**
 * SQL for a condition on the row `t` of a table; every value and every name is quoted. Comparisons are case-sensitive,
 * independent of the collation.
 */
export function conditionSql(condition: Condition, table: Table, owner: Owner | undefined): string {
  if (condition.test === 'owned') return isOwned(condition.column, table, owner)
  if (condition.test === 'any') {
    const all = (tests: readonly Condition[]) => tests.map((one) => conditionSql(one, table, owner))
    return `(${condition.of.map((tests) => all(tests).join(' AND ')).join(' OR ')})`
  }
  const column = columnOf(table, condition.column)
  const name = `t.${quoteName(column.name)}`
  const text = `COALESCE(${caseSensitive(`CAST(${name} AS CHAR)`)}, '')`
  switch (condition.test) {
    case 'equals':
      return equals(name, column, condition.value)
    case 'like':
      return `${caseSensitive(name)} LIKE ${valueSql(likePattern(condition.pattern))}`
    case 'tagged':
      return isTagged(name, column, table, condition.tag)
    case 'before':
      return isBeyond(name, column, table, condition.at, '<')
    case 'after':
      return isBeyond(name, column, table, condition.at, '>')
    case 'filled':
      return `${name} IS NOT NULL`
    case 'among':
      return isOneOf(text, condition.texts)
    case 'other':
      return `NOT ${isOneOf(text, condition.texts)}`
    case 'below':
      return `${text} < ${valueSql(condition.text)}`
  }
}

const isOneOf = (text: string, texts: readonly string[]): string =>
  texts.length === 0 ? 'FALSE' : `(${text} IN (${texts.map(valueSql).join(', ')}))`

const isText = ({ collation, type }: Column): boolean => collation !== null && type !== 'set'
const caseSensitive = (name: string): string => `CONVERT(${name} USING utf8mb4) COLLATE utf8mb4_bin`
const jsonEquals = (name: string, value: string) =>
  `JSON_CONTAINS(${name}, ${value}) AND JSON_CONTAINS(${value}, ${name})`

/** Compares as text if the value is not numeric: the server would convert the text to a number. */
function equals(name: string, column: Column, value: Json): string {
  if (value === null) return `${name} IS NULL`
  if (typeof value === 'object') return jsonEquals(name, valueSql(JSON.stringify(value)))
  const text = valueSql(value)
  if (isText(column)) return `(${name} = ${text} AND ${caseSensitive(name)} = ${text})`
  const isFit = !numbers.has(column.type) || /^-?\d+(?:\.\d+)?$/.test(textOf(value) ?? '')
  return isFit ? `${name} = ${text}` : `CAST(${name} AS CHAR) = ${text}`
}

const numbers = new Set([
  'tinyint',
  'smallint',
  'mediumint',
  'int',
  'bigint',
  'decimal',
  'double',
  'float',
  'year',
  'bit',
])

/** A text, a list of texts in JSON, a SET, or a flag. */
function isTagged(name: string, column: Column, table: Table, tag: string): string {
  const text = valueSql(tag)
  if (column.type === 'set') return `FIND_IN_SET(${text}, ${caseSensitive(name)}) > 0`
  if (column.type === 'json') return `JSON_CONTAINS(${name}, ${valueSql(JSON.stringify(tag))})`
  if (isText(column)) {
    const isAmong = `JSON_CONTAINS(${caseSensitive(name)}, ${valueSql(JSON.stringify(tag))})`
    return `CASE WHEN JSON_VALID(${name}) AND JSON_TYPE(${name}) = 'ARRAY' THEN ${isAmong} ELSE ${caseSensitive(name)} = ${text} END`
  }
  if (tag === defaultTag && numbers.has(column.type)) return `${name} <> 0`
  throw unfit(table, column.name, `is true or false, which stands for the tag ${defaultTag} alone`)
}

/**
 * A number is seconds since the epoch, or fractions of a second, distinguished by its size. A time without a zone is ambiguous:
 * of the possible times, the one that keeps the row counts.
 */
function isBeyond(name: string, { type }: Column, table: Table, at: number, sign: '<' | '>'): string {
  const seconds = at / 1_000
  if (type === 'timestamp') return `${name} ${sign} FROM_UNIXTIME(${seconds})`
  if (type === 'datetime' || type === 'date')
    return `${name} ${sign} ${sign === '<' ? 'LEAST' : 'GREATEST'}(${wallTimes(at).join(', ')})`
  if (!['int', 'bigint', 'decimal', 'double'].includes(type)) throw unfit(table, name, `is no time, but ${type}`)
  const parts = [1e17, 1e14, 1e11].map((least, i) => `WHEN ${name} > ${least} THEN ${name} / ${10 ** (9 - 3 * i)}`)
  return `(CASE ${parts.join(' ')} ELSE ${name} END) ${sign} ${seconds}`
}

/** The time in UTC, as many applications write it; in the server's zone, as NOW() is; in our zone, as `mysql2` writes a Date. */
function wallTimes(at: number): readonly string[] {
  const localTime = new Date(at - new Date(at).getTimezoneOffset() * 60_000)
  const times = [new Date(at), localTime].map((date) => `'${date.toISOString().replace('T', ' ').replace('Z', '')}'`)
  return [...new Set(times), `FROM_UNIXTIME(${at / 1_000})`]
}

/** Excludes the owner's own row. */
function isOwned({ column, is, lowerCase }: OwnerColumn, table: Table, owner: Owner | undefined): string {
  if (!owner)
    throw new DustpanError(
      'DUSTPAN_CONFIG_INVALID',
      `${readableTable(table)} has an owner, and the option owners names no table`,
    )
  const name = `t.${quoteName(columnOf(table, column).name)}`
  const value = owner.row.get(is ?? owner.key) ?? null
  const text = value !== null && lowerCase ? value.toLowerCase() : value
  // An empty value belongs to no owner.
  const hasNoOwner = text === null || (is !== undefined && text === '')
  const isSame = hasNoOwner ? 'FALSE' : equals(name, columnOf(table, column), text)
  if (table.schema !== owner.table.schema || table.table !== owner.table.table) return isSame
  return `(${isSame} AND NOT (${equals(`t.${quoteName(owner.key)}`, columnOf(table, owner.key), owner.id)}))`
}

function unfit(table: Table, column: string, what: string): DustpanError {
  return unfitColumn(readableTable(table), readable(column), what)
}
