/** Reads the keys of rows that a statement is about to change, as stored on the server. */
import type { Json } from '@dustpan/core/driver'
import { quoteName, quoteTable } from '../names.ts'
import type { KeyQuery, Value } from '../sql/statement.ts'
import type { Table } from '../tables.ts'
import { canEncode, type Repertoire } from './charsets.ts'
import type { Queries } from './connection-capture.ts'
import { keyColumnSql, keyFromRow } from './key-columns.ts'

export interface LockedRows {
  readonly keys: readonly Json[]
  /** There were more rows than the statement's limit: it may choose others. */
  readonly isChoice: boolean
}

interface Context {
  readonly text: string
  readonly parameters: readonly unknown[]
  readonly isInTransaction: boolean
  /** Other characters reach the server changed. */
  readonly repertoire: Repertoire
}

/** Maximum number of keys read; a larger delete counts as emptying the table. */
const maxKeys = 10_000

/**
 * Uses a locking read: it takes the locks that the statement takes next, and opens no snapshot. Undefined: the keys cannot be
 * read, e.g. because a condition reads another table, which would open a snapshot.
 */
export function* lockRows(keyQuery: KeyQuery, table: Table, context: Context): Queries<LockedRows | undefined> {
  const limit = keyQuery.limit ? numberIn(keyQuery.limit, context.parameters) : maxKeys
  if (keyQuery.nonDeterministic || limit === undefined || table.key.length === 0) return undefined
  if (keyQuery.nested && context.isInTransaction) return undefined
  const parts = keyQuery.parts.map((part) => filledPart(part, keyQuery.placeholders, context))
  if (parts.includes(undefined)) return undefined
  const row = keyQuery.row === undefined ? undefined : quoteName(keyQuery.row)
  const columns = table.key.map((column) => keyColumnSql(column, row)).join(', ')
  const limitPlusOne = Math.min(limit, maxKeys) + 1
  const answer = yield `SELECT ${columns} FROM ${parts.join(' ')} LIMIT ${limitPlusOne} FOR UPDATE`
  if (answer instanceof Error || answer.length > maxKeys) return undefined
  return { keys: answer.map((found) => keyFromRow(table.key, found)), isChoice: answer.length === limitPlusOne }
}

/** The keys of all rows of a table. Not possible in a transaction, whose snapshot may be older than the rows. */
export function* allRows(table: Table, isInTransaction: boolean): Queries<readonly Json[] | undefined> {
  if (isInTransaction || table.key.length === 0) return undefined
  const columns = table.key.map((column) => keyColumnSql(column)).join(', ')
  const answer = yield `SELECT ${columns} FROM ${quoteTable(table)} LIMIT ${maxKeys + 1}`
  if (answer instanceof Error || answer.length > maxKeys) return undefined
  return answer.map((found) => keyFromRow(table.key, found))
}

function numberIn(limit: Value, parameters: readonly unknown[]): number | undefined {
  const found =
    limit.is === 'number'
      ? Number(limit.text)
      : limit.is === 'placeholder'
        ? Number(parameters[limit.index])
        : Number.NaN
  return Number.isSafeInteger(found) && found >= 0 ? found : undefined
}

/** A part of the text, with values for its placeholders. */
function filledPart(
  [start, end]: readonly [number, number],
  placeholders: readonly number[],
  { text, parameters, repertoire }: Context,
): string | undefined {
  const pieces: string[] = []
  let from = start
  for (const [index, position] of placeholders.entries()) {
    if (position < start || position >= end) continue
    const value = valueIn(parameters[index], repertoire)
    if (value === undefined) return undefined
    pieces.push(text.slice(from, position), value)
    from = position + 1
  }
  return pieces.join('') + text.slice(from, end)
}

/** A literal that is independent of the session's quotes and escapes, and yields to a column's collation. */
function valueIn(value: unknown, repertoire: Repertoire): string | undefined {
  if (value === null) return 'NULL'
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE'
  // A larger number is sent as a DOUBLE, whose text form differs.
  if (typeof value === 'bigint' || (typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER))
    return String(value)
  if (typeof value === 'string' && !canEncode(repertoire, value)) return undefined
  if (typeof value === 'string') return `_utf8mb4 x'${Buffer.from(value).toString('hex')}'`
  return Buffer.isBuffer(value) ? `x'${value.toString('hex')}'` : undefined
}
