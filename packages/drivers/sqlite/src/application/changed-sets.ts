/** Records changed rows: the record refers to the log lines that hold the old values, and never contains the values. */
import type { CollectedSet, Json } from '@dustpan/core/driver'
import { type ChangedRow, changedRows, changedSets, type RestoreArgs } from '@dustpan/core/rows'
import type { Client } from '../client.ts'
import { quoted } from '../quote.ts'
import { valuesIn } from '../restore/image.ts'
import { tableName } from '../rows.ts'
import type { Table } from '../tables.ts'
import type { LogLine } from './log-lines.ts'
import { imageSql } from './log-triggers.ts'
import { keyIn } from './logged-keys.ts'
import { mayBeRenumbered } from './presence.ts'

type Change = ChangedRow<LogLine>

export interface ChangedRows {
  readonly table: Table
  readonly changes: readonly Change[]
}

/** Changes whose rows can be found again by their keys. */
export function changedIn(client: Client, table: Table, lines: readonly LogLine[], run: string): readonly Change[] {
  const changes = changedRows(lines).filter(({ first, last }) => isKey(first.key) && isKey(last.keyNow ?? last.key))
  return changes.length > 0 && table.bare && mayBeRenumbered(client, run) ? [] : changes
}

const isKey = (key: string): boolean => keyIn(key) !== undefined

export const heldLines = (rows: readonly ChangedRows[]): ReadonlySet<LogLine> =>
  new Set(rows.flatMap(({ changes }) => changes.flatMap(({ first, last }) => [first, last])))

/** Keys of changed rows that still exist: these were not created by a test. */
export const presentKeys = (changes: readonly Change[]): readonly Json[] =>
  changes.flatMap(({ last }) => {
    const key = last.op === 'd' ? undefined : keyIn(last.keyNow ?? last.key)
    return key ? [key.json] : []
  })

export function changedSetsOf({ name, key }: Table, changes: readonly Change[]): readonly CollectedSet[] {
  return changedSets(changes, {
    type: name,
    keyOf: (line) => keyIn(line.key)?.json ?? null,
    argsOf: ({ run, scope }, lines) => ({ table: name, columns: key, run, scope, lines }) satisfies RestoreArgs,
  })
}

/**
 * For a row that was inserted again, the log has only the key. Stores the row's current values, unless a later line changed them.
 */
export function storeFinalImages(client: Client, { table, changes }: ChangedRows): void {
  const isRow = table.key.map((column) => `dustpan_row.${quoted(column)} = ?`).join(' AND ')
  const image = `SELECT ${imageSql(table, 'dustpan_row')} FROM ${tableName(table)} AS dustpan_row WHERE ${isRow}`
  const isLast = `NOT EXISTS (SELECT 1 FROM main.dustpan_log o WHERE o.tbl = l.tbl AND o.key = l.key AND o.id > l.id)`
  for (const { last } of changes) {
    if (last.op !== 'i') continue
    const sql = `UPDATE main.dustpan_log AS l SET now = (${image}) WHERE l.id = ? AND ${isLast}`
    client.run(sql, ...valuesIn(last.key).values(), last.id)
  }
}
