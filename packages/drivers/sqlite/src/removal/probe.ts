/** Whether targets are still there; what was soft-deleted is not. */
import type { Presence, ResourceId, Target } from '@dustpan/core/driver'
import { found, keysParameter } from '../rows.ts'
import { readTables } from '../tables.ts'
import { sortTargets } from './batches.ts'
import type { OpenStore } from './connection.ts'
import { isSoftDeleted } from './soft-delete.ts'

export function probeRows(open: OpenStore, targets: readonly Target[]): Map<ResourceId, Presence> {
  const { batches, sql, aside } = sortTargets(open, readTables(open.client), targets)
  const presence = new Map<ResourceId, Presence>()
  for (const { target } of sql) presence.set(target.id, 'unknown')
  for (const [target, { why }] of aside) presence.set(target.id, why === 'no-table' ? 'absent' : 'unknown')
  for (const { lookup, set, targets: ofBatch } of batches) {
    const done = set && isSoftDeleted(lookup.table, 'x', set)
    const where = done === undefined ? '' : ` WHERE NOT (${done.text})`
    const query = `SELECT DISTINCT j.key AS i FROM ${found(lookup, '?', true)}${where}`
    const rows = open.client.all(query, keysParameter(lookup, ofBatch), ...(done?.params ?? []))
    const there = new Set(rows.map((row) => Number(row.i)))
    for (const [i, { id }] of ofBatch.entries()) presence.set(id, there.has(i) ? 'present' : 'absent')
  }
  return presence
}
