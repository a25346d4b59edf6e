import type { Json, ResourceId, Target } from '@dustpan/core/driver'
import { quoted } from '../quote.ts'
import type { Batch } from '../removal/batches.ts'
import type { OpenStore } from '../removal/connection.ts'
import { isSoftDeleted } from '../removal/soft-delete.ts'
import { found, keysParameter } from '../rows.ts'
import type { Table } from '../tables.ts'
import { asJson } from './value.ts'

export type Fields = { readonly [column: string]: Json }

/** Columns that can be set, and the rowid if it alone identifies the row. */
export function writtenColumns({ key, bare, columns, generated }: Table): readonly string[] {
  return [...(bare ? key : []), ...[...columns.keys()].filter((column) => !generated.includes(column))]
}

/** Skips virtual tables: their rows are computed by their modules. */
export function readRows(open: OpenStore, batches: readonly Batch[]): Map<ResourceId, Fields> {
  return new Map(batches.filter(({ lookup }) => !lookup.table.virtual).flatMap((batch) => rowsOf(open, batch)))
}

/**
 * Without rows that are marked as deleted: an earlier removal attempt may have marked them, and they must not be restored with
 * the mark.
 */
export function readUnmarked(open: OpenStore, batches: readonly Batch[]): Map<ResourceId, Fields> {
  const rows = readRows(open, batches)
  for (const { set, lookup, targets } of batches) {
    if (!set) continue
    const marked = isSoftDeleted(lookup.table, 'x', set)
    const sql = `SELECT j.key AS i FROM ${found(lookup, '?', false)} WHERE ${marked.text}`
    for (const row of open.client.all(sql, keysParameter(lookup, targets), ...marked.params))
      rows.delete((targets[Number(row.i)] as Target).id)
  }
  return rows
}

function rowsOf(open: OpenStore, { lookup, targets }: Batch): readonly (readonly [ResourceId, Fields])[] {
  const columns = writtenColumns(lookup.table)
  const values = columns.map((column, i) => `typeof(x.${quoted(column)}) AS t${i}, x.${quoted(column)} AS v${i}`)
  const sql = `SELECT j.key AS i, ${values.join(', ')} FROM ${found(lookup, '?', false)}`
  return open.client.all(sql, keysParameter(lookup, targets)).map((row) => {
    const fields = columns.map((column, i) => [column, asJson(row[`v${i}`] ?? null, String(row[`t${i}`]))] as const)
    return [(targets[Number(row.i)] as Target).id, Object.fromEntries(fields)]
  })
}
