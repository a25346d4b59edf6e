import {
  type Condition,
  type DustpanError,
  defaultTag,
  type Json,
  likePattern,
  type OwnerColumn,
  unfitColumn,
} from '@dustpan/core/driver'
import { arrayLiteral } from '../array-literal.ts'
import { quoteIdentifier, quoteTable, readable, readableTable, typeOf } from '../names.ts'
import { textOf } from '../removal/batches.ts'
import type { TableShape } from '../removal/shapes.ts'
import { type Parameters, typeOfColumn } from '../removal/statement-parts.ts'
import type { Owner } from './owner.ts'

/** A condition on the row `t` of a table; every value is a parameter, every name quoted. */
export function conditionSql(
  condition: Condition,
  shape: TableShape,
  owner: Owner | undefined,
  parameters: Parameters,
): string {
  if (condition.test === 'owned') return isOwned(condition.column, shape, owner, parameters)
  if (condition.test === 'any') {
    const all = (tests: readonly Condition[]) => tests.map((one) => conditionSql(one, shape, owner, parameters))
    return `(${condition.of.map((tests) => all(tests).join(' AND ')).join(' OR ')})`
  }
  const { column } = condition
  const name = `t.${quoteIdentifier(column)}`
  const text = `coalesce(${name}::text, '')`
  switch (condition.test) {
    case 'equals':
      return equals(name, typeOfColumn(shape, column), condition.value, parameters)
    case 'like':
      return `${name}::text LIKE ${parameters.add(likePattern(condition.pattern))}`
    case 'tagged':
      return isTagged(name, column, shape, condition.tag, parameters)
    case 'before':
      return `${timeOf(name, column, shape, 'greatest')} < to_timestamp(${parameters.add(String(condition.at / 1000))}::float8)`
    case 'after':
      return `${timeOf(name, column, shape, 'least')} > to_timestamp(${parameters.add(String(condition.at / 1000))}::float8)`
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

function isTagged(name: string, column: string, shape: TableShape, tag: string, parameters: Parameters): string {
  const type = typeOfColumn(shape, column)
  const known = bare(type)
  if (/(^|\.)"?_/.test(type)) return `${name} @> ${parameters.add(arrayLiteral([tag]))}::${type}`
  if (known === 'jsonb' || known === 'json') return `${name}::jsonb @> ${parameters.add(JSON.stringify([tag]))}::jsonb`
  if (known !== 'bool') return `${name} = ${parameters.add(tag)}::${type}`
  if (tag === defaultTag) return name
  throw unfit(shape, column, `is true or false, which stands for the tag ${defaultTag} alone`)
}

/**
 * A number is seconds since the epoch, or a fraction of these, by its size. A time without a zone was written in nobody knows which: the one
 * counts by which the row stays.
 */
function timeOf(name: string, column: string, shape: TableShape, doubtful: 'greatest' | 'least'): string {
  const type = bare(typeOfColumn(shape, column))
  if (type === 'timestamptz') return name
  if (type === 'timestamp' || type === 'date') return zoned(`${name}::timestamp`, doubtful)
  if (!['int4', 'int8', 'numeric', 'float8'].includes(type)) throw unfit(shape, column, `is no time, but ${type}`)
  const parts = [1e17, 1e14, 1e11].map(
    (least, i) => `WHEN ${name} > ${least.toFixed()} THEN ${name} / ${10 ** (9 - 3 * i)}.0`,
  )
  return `to_timestamp(CASE ${parts.join(' ')} ELSE ${name} END::float8)`
}

/** In UTC, as most write it; in the server's zone, as `now()` is; in ours, as `pg` writes a Date. */
function zoned(name: string, doubtful: 'greatest' | 'least'): string {
  const ours = Intl.DateTimeFormat().resolvedOptions().timeZone
  const zones = ["'UTC'", "current_setting('TimeZone')", ...(/^[\w/+-]+$/.test(ours) ? [`'${ours}'`] : [])]
  const times = [...new Set(zones)].map((zone) => `${name} AT TIME ZONE ${zone}`)
  return `${doubtful}(${times.join(', ')})`
}

/** A type that is a keyword comes quoted. */
function bare(type: string): string {
  return type.replace(/^"(.*)"$/, '$1')
}

/** The owner's own row is not among what it owns. */
function isOwned(
  { column, is, lowerCase }: OwnerColumn,
  shape: TableShape,
  owner: Owner | undefined,
  parameters: Parameters,
): string {
  if (!owner) throw unfit(shape, column, 'names an owner, and the option owners does not say in which table owners are')
  const type = typeOfColumn(shape, column)
  const value = `o.${quoteIdentifier(is ?? owner.key)}::text`
  typeOfColumn(owner.shape, is ?? owner.key)
  const row = `o.${quoteIdentifier(owner.key)} = ${parameters.add(owner.id)}::${typeOfColumn(owner.shape, owner.key)}`
  const owned = `t.${quoteIdentifier(column)} = (SELECT (${lowerCase ? `lower(${value})` : value})::${type} FROM ${quoteTable(owner.shape)} o WHERE ${row})`
  // What has no value of an owner's own is nobody's.
  const own = is === undefined ? owned : `${owned} AND t.${quoteIdentifier(column)}::text <> ''`
  if (typeOf(shape) !== typeOf(owner.shape)) return own
  return `${own} AND NOT EXISTS (SELECT FROM ${quoteTable(owner.shape)} o WHERE ${row} AND o.${quoteIdentifier(owner.key)} = t.${quoteIdentifier(owner.key)})`
}

function unfit(shape: TableShape, column: string, what: string): DustpanError {
  return unfitColumn(readableTable(shape), readable(column), what)
}
