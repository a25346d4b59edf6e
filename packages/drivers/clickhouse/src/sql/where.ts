/** Conditions that identify rows. */
import type { Json } from '@dustpan/core/driver'
import { bareType, literal, type Scalar } from './literal.ts'
import { quoteName, quoteText } from './quote.ts'
import type { Table } from './table.ts'

export const partsOf = (key: Json): readonly Json[] => (Array.isArray(key) ? (key as readonly Json[]) : [key])

export const keyNames = (columns: readonly string[]): string => columns.map(quoteName).join(', ')

/** Selects keys as strings, since large numbers would lose their last digits in JSON. {@link keyIn} reads them. */
export const keyTexts = (columns: readonly string[]): string =>
  columns.map((column, i) => `toString(${quoteName(column)}) AS dustpan_key_${i}`).join(', ')

export const keyIn = (row: { readonly [column: string]: unknown }, columns: readonly string[]): readonly unknown[] =>
  columns.map((_, i) => row[`dustpan_key_${i}`])

/** The key as an SQL literal. Undefined: it cannot be a key of this table. */
export function keyLiteral(table: Table, columns: readonly string[], key: Json): string | undefined {
  const parts = partsOf(key)
  if (parts.length !== columns.length) return undefined
  const literals = columns.map((column, i) => {
    const type = table.columns.get(column)?.type
    const part = parts[i]
    return type === undefined || !isScalar(part) ? undefined : literal(type, part)
  })
  if (literals.includes(undefined)) return undefined
  return literals.length === 1 ? literals[0] : `(${literals.join(', ')})`
}

/** The condition that a row has one of the keys, as {@link keyLiteral}s. */
export function inLiterals(table: Table, columns: readonly string[], literals: readonly string[]): string {
  if (literals.length === 0) return '0'
  const quick = columns.length === 1 ? asArray(table, columns[0] ?? '', literals) : undefined
  if (quick !== undefined) return neverNull(table, columns, `${keyNames(columns)} IN (${quick})`)
  const left = columns.length === 1 ? keyNames(columns) : `(${keyNames(columns)})`
  // One tuple alone would be read as a list of values.
  const list = columns.length > 1 && literals.length === 1 ? [...literals, ...literals] : literals
  return neverNull(table, columns, `${left} IN (${list.join(', ')})`)
}

/** The number of keys from which an array is used. */
const minForArray = 200

/**
 * Servers read one array many times faster than a list of as many values. Replicated tables accept no subquery in a mutation.
 * Undefined: a list is as fast, or the only way.
 */
function asArray({ columns, engine }: Table, column: string, literals: readonly string[]): string | undefined {
  const type = bareType(columns.get(column)?.type ?? '')
  if (literals.length < minForArray || /^(?:Replicated|Shared)/.test(engine)) return undefined
  if (!/^(?:U?Int(?:8|16|32|64)|String|UUID|Date)$/.test(type)) return undefined
  const texts = literals.map((one) => (one.startsWith("'") ? one : `'${one}'`))
  return `SELECT CAST(arrayJoin([${texts.join()}]) AS ${type})`
}

/**
 * Mutations of old servers delete rows for which the condition is NULL. Only for nullable columns, since it prevents
 * the use of the index.
 */
function neverNull(table: Table, columns: readonly string[], condition: string): string {
  const mayBeNull = columns.some((column) => /Nullable\(/.test(table.columns.get(column)?.type ?? ''))
  return mayBeNull ? `ifNull(${condition}, 0)` : condition
}

/** The condition that columns have the recorded values. */
export function matching(table: Table, match: { readonly [column: string]: Json } = {}): string {
  return Object.entries(match)
    .map(([column, value]) => {
      const type = table.columns.get(column)?.type ?? 'String'
      const given = isScalar(value) ? (literal(type, value) ?? quoteText(String(value))) : quoteText(String(value))
      return ` AND ${neverNull(table, [column], `${quoteName(column)} = ${given}`)}`
    })
    .join('')
}

const isScalar = (value: Json | undefined): value is Scalar => ['string', 'number', 'boolean'].includes(typeof value)
