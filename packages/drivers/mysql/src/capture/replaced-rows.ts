import type { Json } from '@dustpan/core/driver'
import { literal, quoteName, quoteTable, textOf } from '../names.ts'
import { isBinary } from '../removal/statement-parts.ts'
import type { Column, Table } from '../tables.ts'
import type { Questions } from './connection-capture.ts'
import { type InsertPlan, keysWritten } from './plan-insert.ts'

/** Whether a `REPLACE` may find a row: a server counts one that is exactly as it is written like a new one. */
export function* findsRows(plan: InsertPlan): Questions<boolean> {
  const keys = keysWritten(plan)
  if (!keys) return false
  const sql = rowThereSql(plan.table, keys)
  if (sql === undefined) return true
  const answer = yield sql
  return answer instanceof Error || answer.length > 0
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
