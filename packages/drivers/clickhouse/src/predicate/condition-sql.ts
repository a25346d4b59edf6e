import { type Condition, defaultTag, type Json } from '@dustpan/core/driver'
import { likePattern, unfitColumn } from '@dustpan/core/rows'
import { bareType, literal, type Scalar } from '../sql/literal.ts'
import { quoteName, quoteText } from '../sql/quote.ts'
import type { Table } from '../sql/table.ts'
import { isAfter, isBefore } from './time-sql.ts'

/** A condition on a table's rows, as SQL without parameters. For `owned`, which needs a query first, see {@link ownedSql}. */
export function conditionSql(condition: Exclude<Condition, { test: 'owned' }>, table: Table): string {
  if (condition.test === 'any')
    return `(${condition.of.map((tests) => tests.map((one) => conditionSql(one, table)).join(' AND ')).join(' OR ')})`
  const { column } = condition
  const name = quoteName(column)
  const text = `ifNull(toString(${name}), '')`
  const type = table.columns.get(column)?.type ?? ''
  switch (condition.test) {
    case 'equals':
      return condition.value === null ? `isNull(${name})` : `${name} = ${value(table, column, condition.value)}`
    case 'like':
      return `${bareType(type) === 'String' ? name : `toString(${name})`} LIKE ${quoteText(likePattern(condition.pattern))}`
    case 'tagged':
      return taggedSql(table, column, type, condition.tag)
    case 'before':
      return `ifNull(${isBefore(table, column, type, condition.at)}, 0)`
    case 'after':
      return `ifNull(${isAfter(table, column, type, condition.at)}, 0)`
    case 'filled':
      return bareType(type) === 'String' ? `ifNull(${name}, '') != ''` : `isNotNull(${name})`
    case 'among':
      return isOneOf(text, condition.texts)
    case 'other':
      return `NOT ${isOneOf(text, condition.texts)}`
    case 'below':
      return `${text} < ${quoteText(condition.text)}`
  }
}

const isOneOf = (text: string, texts: readonly string[]): string =>
  texts.length === 0 ? '0' : `(${text} IN (${texts.map(quoteText).join(', ')}))`

/** Excludes the owner's own row. */
export function ownedSql(
  column: string,
  table: Table,
  owner: { readonly table: Table; readonly key: string; readonly id: string },
  values: readonly Scalar[],
): string {
  const literals = values.map((one) => value(table, column, one))
  if (literals.length === 0) return '0'
  const owned = `${quoteName(column)} IN (${literals.join(', ')})`
  return owner.table.name === table.name ? `${owned} AND ${quoteName(owner.key)} != ${owner.id}` : owned
}

function value(table: Table, column: string, given: Json): string {
  const type = table.columns.get(column)?.type ?? ''
  const scalar = ['string', 'number', 'boolean'].includes(typeof given) ? (given as Scalar) : undefined
  const found = scalar === undefined ? undefined : literal(type, scalar)
  if (found !== undefined) return found
  throw unfitColumn(
    table.name,
    column,
    `is of the type ${type}, which cannot be compared with ${JSON.stringify(given)}`,
  )
}

/** The column may be an array, a string, a JSON array, or a flag. */
function taggedSql(table: Table, column: string, type: string, tag: string): string {
  const name = quoteName(column)
  if (/^Array\(/.test(type)) return `has(${name}, ${quoteText(tag)})`
  if (/^(?:U?Int\d+|Bool)$/.test(bareType(type))) {
    if (tag === defaultTag) return `${name} = 1`
    throw unfitColumn(table.name, column, `is a number or a flag, which stands for the tag ${defaultTag} alone`)
  }
  return `ifNull(${name} = ${quoteText(tag)} OR match(${name}, ${quoteText(listWith(tag))}), 0)`
}

/** A pattern for a JSON array that contains the tag. Arrays with nested arrays or objects do not match. */
function listWith(tag: string): string {
  const item = String.raw`(?:"(?:[^"\\]|\\.)*"|[-+.0-9a-zA-Z]+)`
  const own = JSON.stringify(tag).replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
  return String.raw`^\s*\[\s*(?:${item}\s*,\s*)*${own}\s*(?:,\s*${item}\s*)*\]\s*$`
}
