/** Marks rows with the run that created them: by a trigger that does not change a statement's result. */
import type { RowMarker } from '@dustpan/core/driver'
import type { Client, SqlValue } from '../client.ts'
import { keyOf } from '../keys.ts'
import { quoted } from '../quote.ts'
import { rowColumns } from '../rows.ts'
import { sameName, type Table } from '../tables.ts'

/** The column for the run's id; undefined: the table's rows are not marked. */
export function markerColumn(table: Table, marker: RowMarker | undefined): string | undefined {
  const column = marker && columnNamed(table, marker.columns.run)
  return column !== undefined && isText(table, column) ? column : undefined
}

/** Only tables without side effects can be marked: an update by a trigger would fire the user's own update triggers. */
export function canBeMarked(client: Client, table: Table): boolean {
  if (table.schema !== 'main' || rowColumns(table).length === 0) return false
  const sql = `SELECT type, sql FROM main.sqlite_master WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE AND name NOT GLOB 'dustpan_log_[0-9]*' UNION ALL
    SELECT type, sql FROM temp.sqlite_master WHERE tbl_name = ? COLLATE NOCASE AND name NOT GLOB 'dustpan_[0-9]*'`
  const schemaObjects = client.all(sql, table.name, table.name)
  return !schemaObjects.some(({ type, sql }) => type === 'table' || forUpdates.test(String(sql)))
}

const forUpdates = /\bupdate\s+(?:of\b[\s\S]*?)?\bon\b/i

/** Run ids, by table and key, of existing rows that an INSERT may replace. */
export type Replaced = Map<string, SqlValue>

/**
 * Defines the functions of the marking triggers. `marker`: the run id, or null if nothing is tracked. A row that replaces another
 * with its key is marked only if that row was the run's.
 */
export function defineMarker(client: Client, replaced: Replaced, marker: () => string | null): void {
  client.define('dustpan_marker', marker)
  client.define('dustpan_replaces', (isThere, run = null, ...row) => {
    if (isThere) replaced.set(nameOf(row), run)
    else replaced.delete(nameOf(row))
    return 0
  })
  client.define('dustpan_marks', (...row) => {
    const [name, run] = [nameOf(row), marker()]
    return run !== null && (!replaced.has(name) || replaced.get(name) === run) ? 1 : 0
  })
}

const nameOf = (row: readonly SqlValue[]): string => JSON.stringify(keyOf(row))

/** The marking triggers of a table. A table name in a trigger's body takes no schema. */
export function markingTriggers(table: Table, { columns }: RowMarker, run: string, number: number): string[] {
  const [byTest, at] = [columnNamed(table, columns.createdByTest), columnNamed(table, columns.createdAt)]
  const set = [
    `${quoted(run)} = dustpan_marker()`,
    ...(byTest === undefined ? [] : [`${quoted(byTest)} = 1`]),
    ...(at === undefined ? [] : [`${quoted(at)} = ${nowFor(table, at)}`]),
  ]
  const sameRow = rowColumns(table).map((column) => `${column} = NEW.${column}`)
  const on = `${quoted(table.schema)}.${quoted(table.name)}`
  const row = [number, ...table.key.map((column) => `NEW.${quoted(column)}`)].join(', ')
  const existing = `FROM ${on} AS dustpan_row WHERE ${table.key.map((column) => `dustpan_row.${quoted(column)} = NEW.${quoted(column)}`).join(' AND ')}`
  const mark = `UPDATE OR IGNORE ${quoted(table.name)} SET ${set.join(', ')} WHERE ${sameRow.join(' AND ')}`
  return [
    `CREATE TEMP TRIGGER dustpan_${number}_replaces BEFORE INSERT ON ${on}
      WHEN dustpan_replaces(EXISTS (SELECT 1 ${existing}), (SELECT dustpan_row.${quoted(run)} ${existing}), ${row}) BEGIN SELECT 1; END`,
    `CREATE TEMP TRIGGER dustpan_${number}_marked AFTER INSERT ON ${on}
      WHEN NEW.${quoted(run)} IS NULL AND dustpan_marks(${row}) BEGIN ${mark}; END`,
  ]
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
