/** How rows are marked in the columns that say which run made them: by a trigger that changes nothing a statement answers. */
import type { RowMarker } from '@dustpan/core/driver'
import type { Client } from '../client.ts'
import { quoted } from '../quote.ts'
import { rowColumns } from '../rows.ts'
import { sameName, type Table } from '../tables.ts'

/** The column with the run's id; undefined: the table's rows are not marked. */
export function markerColumn(table: Table, marker: RowMarker | undefined): string | undefined {
  const column = marker && columnNamed(table, marker.columns.run)
  return column !== undefined && isText(table, column) ? column : undefined
}

/** Only where nothing else follows from it: an update by a trigger would run the user's own triggers for updates. */
export function canBeMarked(client: Client, table: Table): boolean {
  if (table.schema !== 'main' || rowColumns(table).length === 0) return false
  const sql = `SELECT type, sql FROM main.sqlite_master WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE AND name NOT GLOB 'dustpan_log_[0-9]*' UNION ALL
    SELECT type, sql FROM temp.sqlite_master WHERE tbl_name = ? COLLATE NOCASE AND name NOT GLOB 'dustpan_[0-9]*'`
  const found = client.all(sql, table.name, table.name)
  return !found.some(({ type, sql }) => type === 'table' || forUpdates.test(String(sql)))
}

const forUpdates = /\bupdate\s+(?:of\b[\s\S]*?)?\bon\b/i

/** Defines what the triggers mark rows with; null: they are not, as nothing is tracked. */
export function defineMarker(client: Client, marker: () => string | null): void {
  client.define('dustpan_marker', marker)
}

/** The body and the condition of the trigger. A name in a trigger's body takes no schema. */
export function markingTrigger(table: Table, { columns }: RowMarker, run: string): { condition: string; body: string } {
  const [byTest, at] = [columnNamed(table, columns.createdByTest), columnNamed(table, columns.createdAt)]
  const set = [
    `${quoted(run)} = dustpan_marker()`,
    ...(byTest === undefined ? [] : [`${quoted(byTest)} = 1`]),
    ...(at === undefined ? [] : [`${quoted(at)} = ${nowFor(table, at)}`]),
  ]
  const same = rowColumns(table).map((column) => `${column} = NEW.${column}`)
  return {
    condition: `NEW.${quoted(run)} IS NULL AND dustpan_marker() IS NOT NULL`,
    body: `UPDATE OR IGNORE ${quoted(table.name)} SET ${set.join(', ')} WHERE ${same.join(' AND ')}`,
  }
}

function columnNamed({ columns, generated }: Table, name: string): string | undefined {
  return [...columns.keys()].find((column) => sameName(column, name) && !generated.includes(column))
}

function isText({ columns }: Table, column: string): boolean {
  return /char|text|clob|^$/i.test(columns.get(column) ?? '')
}

function nowFor({ columns }: Table, column: string): string {
  return /int/i.test(columns.get(column) ?? '') ? "CAST(strftime('%s', 'now') AS INTEGER)" : 'CURRENT_TIMESTAMP'
}
