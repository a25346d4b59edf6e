/** The keys of the rows that a statement is about to take, as the server has them. */
import type { Json } from '@dustpan/core/driver'
import { quoteName, quoteTable } from '../names.ts'
import type { Table } from '../tables.ts'
import { hasLetters, type Passage } from './charsets.ts'
import type { Questions } from './connection-capture.ts'
import { keyAnswered, keyAsked } from './key-columns.ts'
import type { Asked, Value } from './statement.ts'

export interface Taken {
  readonly keys: readonly Json[]
  /** There were more than the statement takes: it may choose others. */
  readonly isChoice: boolean
}

interface Circumstances {
  readonly text: string
  readonly parameters: readonly unknown[]
  readonly isInTransaction: boolean
  /** Texts with other letters come to the server as others. */
  readonly letters: Passage
}

/** What is asked at most; who deletes more empties a table. */
const most = 10_000

/**
 * Asked by a locking read: it holds what the statement itself holds next, and opens no snapshot. Undefined: they cannot be told, as where a
 * condition reads another table, which would open one.
 */
export function* takenRows(asked: Asked, table: Table, circumstances: Circumstances): Questions<Taken | undefined> {
  const limit = asked.limit ? numberIn(asked.limit, circumstances.parameters) : most
  if (asked.changing || limit === undefined || table.key.length === 0) return undefined
  if (asked.nested && circumstances.isInTransaction) return undefined
  const parts = asked.parts.map((part) => written(part, asked.places, circumstances))
  if (parts.includes(undefined)) return undefined
  const row = asked.row === undefined ? undefined : quoteName(asked.row)
  const columns = table.key.map((column) => keyAsked(column, row)).join(', ')
  const up = Math.min(limit, most) + 1
  const answer = yield `SELECT ${columns} FROM ${parts.join(' ')} LIMIT ${up} FOR UPDATE`
  if (answer instanceof Error || answer.length > most) return undefined
  return { keys: answer.map((found) => keyAnswered(table.key, found)), isChoice: answer.length === up }
}

/** All of a table's rows. Not in a transaction, whose snapshot may be older than they are. */
export function* allRows(table: Table, isInTransaction: boolean): Questions<readonly Json[] | undefined> {
  if (isInTransaction || table.key.length === 0) return undefined
  const columns = table.key.map((column) => keyAsked(column)).join(', ')
  const answer = yield `SELECT ${columns} FROM ${quoteTable(table)} LIMIT ${most + 1}`
  if (answer instanceof Error || answer.length > most) return undefined
  return answer.map((found) => keyAnswered(table.key, found))
}

function numberIn(limit: Value, parameters: readonly unknown[]): number | undefined {
  const found =
    limit.is === 'number' ? Number(limit.text) : limit.is === 'place' ? Number(parameters[limit.index]) : Number.NaN
  return Number.isSafeInteger(found) && found >= 0 ? found : undefined
}

/** A part of the text, with values in its places. */
function written(
  [start, end]: readonly [number, number],
  places: readonly number[],
  { text, parameters, letters }: Circumstances,
): string | undefined {
  const pieces: string[] = []
  let from = start
  for (const [index, place] of places.entries()) {
    if (place < start || place >= end) continue
    const value = valueIn(parameters[index], letters)
    if (value === undefined) return undefined
    pieces.push(text.slice(from, place), value)
    from = place + 1
  }
  return pieces.join('') + text.slice(from, end)
}

/** Means the same whatever the session's quotes and escapes are, and gives way to a column's collation. */
function valueIn(value: unknown, letters: Passage): string | undefined {
  if (value === null) return 'NULL'
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE'
  // A larger number goes as a DOUBLE, and is another one when it is written.
  if (typeof value === 'bigint' || (typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER))
    return String(value)
  if (typeof value === 'string' && !hasLetters(letters, value)) return undefined
  if (typeof value === 'string') return `_utf8mb4 x'${Buffer.from(value).toString('hex')}'`
  return Buffer.isBuffer(value) ? `x'${value.toString('hex')}'` : undefined
}
