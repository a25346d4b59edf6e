/** Reports whether targets still exist; soft-deleted rows count as absent. */
import type { Presence, ResourceId, Target } from '@dustpan/core/driver'
import { found, keysParameter } from '../rows.ts'
import { readTables } from '../tables.ts'
import { sortTargets } from './batches.ts'
import type { OpenStore } from './connection.ts'
import { isSoftDeleted } from './soft-delete.ts'

export function probeRows(open: OpenStore, targets: readonly Target[]): Map<ResourceId, Presence> {
  const { batches, sql, skipped } = sortTargets(open, readTables(open.client), targets)
  const presence = new Map<ResourceId, Presence>()
  for (const { target } of sql) presence.set(target.id, 'unknown')
  for (const [target, { why }] of skipped) presence.set(target.id, why === 'no-table' ? 'absent' : 'unknown')
  for (const { lookup, set, targets: batchTargets } of batches) {
    const marked = set && isSoftDeleted(lookup.table, 'x', set)
    const where = marked === undefined ? '' : ` WHERE NOT (${marked.text})`
    const query = `SELECT DISTINCT j.key AS i FROM ${found(lookup, '?', true)}${where}`
    const rows = open.client.all(query, keysParameter(lookup, batchTargets), ...(marked?.params ?? []))
    const present = new Set(rows.map((row) => Number(row.i)))
    for (const [i, { id }] of batchTargets.entries()) presence.set(id, present.has(i) ? 'present' : 'absent')
  }
  return presence
}
