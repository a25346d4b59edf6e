import { type Condition, defaultTag, type Json, type OwnerColumn } from '@dustpan/core/driver'
import { unfitColumn } from '@dustpan/core/rows'
import type { SqlValue } from '../client.ts'
import { quoted } from '../quote.ts'
import { tableName } from '../rows.ts'
import { sameName, type Table } from '../tables.ts'
import type { Owner } from './owner.ts'

/** A piece of SQL with its parameters in order. */
export interface Piece {
  readonly text: string
  readonly params: readonly SqlValue[]
}

/** A condition on the row `x` of a table; every value is a parameter, every name quoted. */
export function conditionSql(condition: Condition, table: Table, owner: Owner | undefined): Piece {
  if (condition.test === 'owned') return isOwned(condition.column, table, owner)
  if (condition.test === 'any') return isAny(condition.of, table, owner)
  const name = `x.${quoted(condition.column)}`
  const value = `coalesce(CAST(${name} AS TEXT), '')`
  switch (condition.test) {
    case 'equals':
      return condition.value === null
        ? { text: `${name} IS NULL`, params: [] }
        : { text: `${name} = json_extract(?, '$[0]')`, params: [wrapped(condition.value)] }
    case 'like':
      return { text: `${name} GLOB ?`, params: [globOf(condition.pattern)] }
    case 'tagged':
      return isTagged(name, condition.column, table, condition.tag)
    case 'before':
      return { text: `${timeOf(name)} < ?`, params: [condition.at] }
    case 'after':
      return { text: `${timeOf(name)} > ?`, params: [condition.at] }
    case 'filled':
      return { text: `${name} IS NOT NULL`, params: [] }
    case 'among':
      return { text: `${value} IN (SELECT value FROM json_each(?))`, params: [JSON.stringify(condition.texts)] }
    case 'other':
      return { text: `${value} NOT IN (SELECT value FROM json_each(?))`, params: [JSON.stringify(condition.texts)] }
    case 'below':
      return { text: `${value} COLLATE BINARY < ?`, params: [condition.text] }
  }
}

function isAny(lists: readonly (readonly Condition[])[], table: Table, owner: Owner | undefined): Piece {
  const pieces = lists.map((tests) => tests.map((test) => conditionSql(test, table, owner)))
  const text = pieces.map((list) => list.map((piece) => piece.text).join(' AND ')).join(' OR ')
  return { text: `(${text})`, params: pieces.flat().flatMap(({ params }) => params) }
}

/** Passed as JSON, a value keeps its type in each client. */
const wrapped = (value: Json): string => JSON.stringify([value])

/** GLOB is case-sensitive, and LIKE is not. Only `%` is special here. */
function globOf(pattern: string): string {
  return pattern.replace(/[*?[]/g, '[$&]').replaceAll('%', '*')
}

/** A text, a list of texts in JSON, or a flag. */
function isTagged(name: string, column: string, table: Table, tag: string): Piece {
  const type = [...table.columns].find(([name]) => sameName(name, column))?.[1] ?? ''
  if (/bool|int/i.test(type)) {
    if (tag === defaultTag) return { text: `${name} = 1`, params: [] }
    throw unfitColumn(table.name, column, `is a number or a flag, which stands for the tag ${defaultTag} alone`)
  }
  const isList = `json_valid(${name}) AND json_type(${name}) = 'array'`
  const text = `CASE WHEN ${isList} THEN EXISTS (SELECT 1 FROM json_each(${name}) AS tag WHERE tag.value = ?) ELSE ${name} = ? END`
  return { text, params: [tag, tag] }
}

/**
 * A column's time in milliseconds since the epoch. SQLite stores times as text or as numbers: days (`julianday()`), seconds, or
 * fractions of a second, distinguished by their size.
 */
function timeOf(name: string): string {
  const number = `CASE WHEN ${name} > 1e17 THEN ${name} / 1e6 WHEN ${name} > 1e14 THEN ${name} / 1e3 WHEN ${name} > 1e11 THEN ${name}
    WHEN ${name} < 1e7 THEN (${name} - 2440587.5) * 86400000.0 ELSE ${name} * 1000.0 END`
  return `CASE typeof(${name}) WHEN 'text' THEN (julianday(${name}) - 2440587.5) * 86400000.0 WHEN 'null' THEN NULL WHEN 'blob' THEN NULL ELSE ${number} END`
}

/** Excludes the owner's own row. */
function isOwned({ column, is, lowerCase }: OwnerColumn, table: Table, owner: Owner | undefined): Piece {
  if (!owner)
    throw unfitColumn(
      table.name,
      column,
      'names an owner, and the option owners does not say in which table owners are',
    )
  const value = `o.${quoted(is ?? owner.key)}`
  if (is !== undefined && ![...owner.table.columns.keys()].some((name) => sameName(name, is)))
    throw unfitColumn(table.name, column, `is compared with ${is}, which ${owner.table.name} does not have`)
  const row = `FROM ${tableName(owner.table)} AS o WHERE o.${quoted(owner.key)} = json_extract(?, '$[0]')`
  const owned = `x.${quoted(column)} = (SELECT ${lowerCase ? `lower(${value})` : value} ${row})`
  const params = [wrapped(owner.id)]
  // An empty value belongs to no owner.
  const own = is === undefined ? owned : `${owned} AND x.${quoted(column)} <> ''`
  if (owner.table !== table) return { text: own, params }
  const itself = `x.${quoted(owner.key)} = json_extract(?, '$[0]')`
  return { text: `${own} AND NOT (${itself})`, params: [...params, ...params] }
}
