import { type Condition, type DustpanError, defaultTag, type Json, type OwnerColumn } from '@dustpan/core/driver'
import { likePattern, unfitColumn } from '@dustpan/core/rows'
import { arrayLiteral } from '../array-literal.ts'
import { quoteIdentifier, quoteTable, readable, readableTable, typeOf } from '../names.ts'
import { textOf } from '../removal/batches.ts'
import { type Parameters, typeOfColumn } from '../removal/statement-parts.ts'
import type { Table } from '../removal/tables.ts'
import type { Owner } from './owner.ts'

/** A condition on the row `t` of a table; every value is a parameter, every name is quoted. */
export function conditionSql(
  condition: Condition,
  table: Table,
  owner: Owner | undefined,
  parameters: Parameters,
): string {
  if (condition.test === 'owned') return isOwned(condition.column, table, owner, parameters)
  if (condition.test === 'any') {
    const all = (tests: readonly Condition[]) => tests.map((one) => conditionSql(one, table, owner, parameters))
    return `(${condition.of.map((tests) => all(tests).join(' AND ')).join(' OR ')})`
  }
  const { column } = condition
  const name = `t.${quoteIdentifier(column)}`
  const text = `coalesce(${name}::text, '')`
  switch (condition.test) {
    case 'equals':
      return equals(name, typeOfColumn(table, column), condition.value, parameters)
    case 'like':
      return `${name}::text LIKE ${parameters.add(likePattern(condition.pattern))}`
    case 'tagged':
      return isTagged(name, column, table, condition.tag, parameters)
    case 'before':
      return `${timeOf(name, column, table, 'greatest')} < to_timestamp(${parameters.add(String(condition.at / 1000))}::float8)`
    case 'after':
      return `${timeOf(name, column, table, 'least')} > to_timestamp(${parameters.add(String(condition.at / 1000))}::float8)`
    case 'filled':
      return `${name} IS NOT NULL`
    case 'among':
      return `${text} = ANY (${parameters.add(arrayLiteral(condition.texts))}::text[])`
    case 'other':
      return `${text} <> ALL (${parameters.add(arrayLiteral(condition.texts))}::text[])`
    case 'below':
      return `${text} COLLATE "C" < ${parameters.add(condition.text)}`
  }
}

function equals(name: string, type: string, value: Json, parameters: Parameters): string {
  if (value === null) return `${name} IS NULL`
  if (typeof value === 'object') return `to_jsonb(${name}) = ${parameters.add(JSON.stringify(value))}::jsonb`
  return `${name} = ${parameters.add(textOf(value))}::${type}`
}

function isTagged(name: string, column: string, table: Table, tag: string, parameters: Parameters): string {
  const type = typeOfColumn(table, column)
  const typeName = bare(type)
  if (/(^|\.)"?_/.test(type)) return `${name} @> ${parameters.add(arrayLiteral([tag]))}::${type}`
  if (typeName === 'jsonb' || typeName === 'json')
    return `${name}::jsonb @> ${parameters.add(JSON.stringify([tag]))}::jsonb`
  if (typeName !== 'bool') return `${name} = ${parameters.add(tag)}::${type}`
  if (tag === defaultTag) return name
  throw unfit(table, column, `is true or false, which stands for the tag ${defaultTag} alone`)
}

/**
 * A number is seconds since the epoch, or a fraction of them, by its magnitude. A time without a zone may be in any zone:
 * the reading that keeps the row is used.
 */
function timeOf(name: string, column: string, table: Table, doubtful: 'greatest' | 'least'): string {
  const type = bare(typeOfColumn(table, column))
  if (type === 'timestamptz') return name
  if (type === 'timestamp' || type === 'date') return zoned(`${name}::timestamp`, doubtful)
  if (!['int4', 'int8', 'numeric', 'float8'].includes(type)) throw unfit(table, column, `is no time, but ${type}`)
  const parts = [1e17, 1e14, 1e11].map(
    (threshold, i) => `WHEN ${name} > ${threshold.toFixed()} THEN ${name} / ${10 ** (9 - 3 * i)}.0`,
  )
  return `to_timestamp(CASE ${parts.join(' ')} ELSE ${name} END::float8)`
}

/**
 * The time in UTC, as most applications write it; in the zone of the server, as `now()` writes it; and in our own, as `pg`
 * writes a Date.
 */
function zoned(name: string, doubtful: 'greatest' | 'least'): string {
  const ours = Intl.DateTimeFormat().resolvedOptions().timeZone
  const zones = ["'UTC'", "current_setting('TimeZone')", ...(/^[\w/+-]+$/.test(ours) ? [`'${ours}'`] : [])]
  const times = [...new Set(zones)].map((zone) => `${name} AT TIME ZONE ${zone}`)
  return `${doubtful}(${times.join(', ')})`
}

/** A type name that is a keyword comes quoted. */
function bare(type: string): string {
  return type.replace(/^"(.*)"$/, '$1')
}

/** The owner's own row is not one of its owned rows. */
function isOwned(
  { column, is, lowerCase }: OwnerColumn,
  table: Table,
  owner: Owner | undefined,
  parameters: Parameters,
): string {
  if (!owner) throw unfit(table, column, 'names an owner, and the option owners does not say in which table owners are')
  const type = typeOfColumn(table, column)
  const value = `o.${quoteIdentifier(is ?? owner.key)}::text`
  typeOfColumn(owner.table, is ?? owner.key)
  const row = `o.${quoteIdentifier(owner.key)} = ${parameters.add(owner.id)}::${typeOfColumn(owner.table, owner.key)}`
  const owned = `t.${quoteIdentifier(column)} = (SELECT (${lowerCase ? `lower(${value})` : value})::${type} FROM ${quoteTable(owner.table)} o WHERE ${row})`
  // Without a value that is the owner's own, a row has no owner.
  const ownedWithValue = is === undefined ? owned : `${owned} AND t.${quoteIdentifier(column)}::text <> ''`
  if (typeOf(table) !== typeOf(owner.table)) return ownedWithValue
  return `${ownedWithValue} AND NOT EXISTS (SELECT FROM ${quoteTable(owner.table)} o WHERE ${row} AND o.${quoteIdentifier(owner.key)} = t.${quoteIdentifier(owner.key)})`
}

function unfit(table: Table, column: string, what: string): DustpanError {
  return unfitColumn(readableTable(table), readable(column), what)
}
