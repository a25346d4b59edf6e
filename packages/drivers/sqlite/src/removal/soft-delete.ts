/** SQL for updates that replace deletes. */

import type { SoftDeleteColumns } from '../options.ts'
import { quoted } from '../quote.ts'
import { sameName, type Table } from '../tables.ts'
import type { Sql } from './dependents.ts'

/** The assignments; `'now'` is the current time, as text or as seconds, by the column's type. */
export function newValues(table: Table, set: SoftDeleteColumns): Sql {
  const columns = Object.entries(set)
  return {
    text: columns
      .map(
        ([column, value]) => `${quoted(column)} = ${value === 'now' ? now(table, column) : literal(table, 'r', value)}`,
      )
      .join(', '),
    params: columns.filter(([, value]) => value !== 'now').map(([, value]) => JSON.stringify([value])),
  }
}

/** The condition that a row has been soft-deleted before. */
export function isSoftDeleted(table: Table, row: string, set: SoftDeleteColumns): Sql {
  const columns = Object.entries(set)
  return {
    text: columns
      .map(
        ([column, value]) =>
          `${row}.${quoted(column)} ${value === 'now' ? 'IS NOT NULL' : `IS ${literal(table, row, value)}`}`,
      )
      .join(' AND '),
    params: columns.filter(([, value]) => value !== 'now').map(([, value]) => JSON.stringify([value])),
  }
}

/**
 * Passed as JSON, a value keeps its type in each client; `{id}` in a text is the row's own key, so that unique values can be
 * freed.
 */
function literal(table: Table, row: string, value: SoftDeleteColumns[string]): string {
  const given = "json_extract(?, '$[0]')"
  if (typeof value !== 'string' || !value.includes('{id}')) return given
  return `replace(${given}, '{id}', ${table.key.map((column) => `${row}.${quoted(column)}`).join(" || '-' || ")})`
}

function now(table: Table, column: string): string {
  const type = [...table.columns].find(([name]) => sameName(name, column))?.[1] ?? ''
  return /int/i.test(type) ? "CAST(strftime('%s', 'now') AS INTEGER)" : 'CURRENT_TIMESTAMP'
}
