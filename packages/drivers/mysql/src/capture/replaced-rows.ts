import type { Json } from '@dustpan/core/driver'
import { literal, quoteName, quoteTable, textOf } from '../names.ts'
import { isBinary } from '../removal/statement-parts.ts'
import type { Column, Table } from '../tables.ts'
import type { Queries } from './connection-capture.ts'
import { type InsertPlan, keysWritten } from './plan-insert.ts'

/** Whether rows exist that a `REPLACE` will replace. */
export type ExistingRows = 'none' | 'some' | 'unknown'

/**
 * Looks for existing rows with the written keys: the server counts a row that is replaced with identical values like a new one.
 * Inside a transaction the query is not possible: its snapshot may be outdated, and a locking read of a missing row locks the gap
 * and blocks others' inserts.
 */
export function* findExisting(plan: InsertPlan, isInTransaction: boolean): Queries<ExistingRows> {
  const keys = keysWritten(plan)
  if (!keys) return 'none'
  if (isInTransaction) return 'unknown'
  const sql = existingRowSql(plan.table, keys)
  if (sql === undefined) return 'some'
  const answer = yield sql
  return answer instanceof Error || answer.length > 0 ? 'some' : 'none'
}

/** Selects a row with one of the keys. Undefined: not possible. */
function existingRowSql(table: Table, keys: readonly Json[]): string | undefined {
  if (table.key.some(({ type }) => type === 'bit')) return undefined
  const keyConditions = (key: Json) => {
    const parts = Array.isArray(key) ? key : [key]
    return table.key.map((column, at) => `${quoteName(column.name)} = ${literalFor(column, parts[at] ?? null)}`)
  }
  const rows = keys.map((key) => `(${keyConditions(key).join(' AND ')})`)
  return `SELECT 1 FROM ${quoteTable(table)} WHERE ${rows.join(' OR ')} LIMIT 1`
}

function literalFor(column: Column, part: Json): string {
  const text = textOf(part) ?? ''
  return isBinary(column) ? `x'${text.slice(2)}'` : literal(text)
}
