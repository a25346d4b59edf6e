import type { Json } from '@dustpan/core/driver'
import { literal, quoteName, quoteTable, textOf } from '../names.ts'
import { isBinary } from '../removal/statement-parts.ts'
import type { Column, Table } from '../tables.ts'
import type { Questions } from './connection-capture.ts'
import { type InsertPlan, keysWritten } from './plan-insert.ts'

/** Whether rows were there that a `REPLACE` takes the place of. */
export type Found = 'none' | 'some' | 'unknown'

/**
 * A server counts a row that is exactly as it is written like a new one. In a transaction it cannot be asked for: what that has seen before
 * may be old by now, and a look that holds the gap where nothing is makes others' inserts wait.
 */
export function* findsRows(plan: InsertPlan, isInTransaction: boolean): Questions<Found> {
  const keys = keysWritten(plan)
  if (!keys) return 'none'
  if (isInTransaction) return 'unknown'
  const sql = rowThereSql(plan.table, keys)
  if (sql === undefined) return 'some'
  const answer = yield sql
  return answer instanceof Error || answer.length > 0 ? 'some' : 'none'
}

/** Asks for a row with one of the keys. Undefined: it cannot be asked for. */
function rowThereSql(table: Table, keys: readonly Json[]): string | undefined {
  if (table.key.some(({ type }) => type === 'bit')) return undefined
  const isOne = (key: Json) => {
    const parts = Array.isArray(key) ? key : [key]
    return table.key.map((column, at) => `${quoteName(column.name)} = ${literalFor(column, parts[at] ?? null)}`)
  }
  const rows = keys.map((key) => `(${isOne(key).join(' AND ')})`)
  return `SELECT 1 FROM ${quoteTable(table)} WHERE ${rows.join(' OR ')} LIMIT 1`
}

function literalFor(column: Column, part: Json): string {
  const text = textOf(part) ?? ''
  return isBinary(column) ? `x'${text.slice(2)}'` : literal(text)
}
