/** Relates the targets by foreign keys, and finds other rows that depend on them. */
import type { Dependent, Json, Relations, ResourceId, Target } from '@dustpan/core/driver'
import type { KeyType } from '../keys.ts'
import { restoreArgs } from '../restore/change.ts'
import { readTables, type Table } from '../tables.ts'
import { type Batch, sortTargets } from './batches.ts'
import type { OpenStore } from './connection.ts'
import { isAfter, timeOf } from './creation-order.ts'
import { type DependentRow, dependentRows, keysTo } from './dependents.ts'
import { type ForeignKey, readForeignKeys } from './foreign-keys.ts'
import { rowRemoval } from './spec.ts'
import { tableGroups } from './table-groups.ts'

export function relateRows(open: OpenStore, targets: readonly Target[], withDependents: boolean): Relations {
  const tables = readTables(open.client).filter((table) => table.schema === open.schema)
  const keys = readForeignKeys(open.client, open.schema, tables)
  const { batches, sql, skipped } = sortTargets(
    open,
    tables,
    targets.filter(({ removal }) => !restoreArgs(removal)),
  )
  const dependents = withDependents ? dependentsOf(open, batches, keys) : []
  const groups = tableGroups([...new Set(batches.map(({ lookup }) => lookup.table))], keys)
  const group = new Map<ResourceId, string>()
  for (const { lookup, targets: batchTargets } of batches) {
    for (const { id } of batchTargets) group.set(id, groups.nameOf(lookup.table))
  }
  for (const target of [...sql.map((one) => one.target), ...skipped.keys()])
    group.set(target.id, `other ${target.type}`)
  const before = [...new Set(group.values())].map((name) => [name, changedGroup] as const)
  const changes = targets.filter(({ removal }) => restoreArgs(removal))
  for (const { id } of changes) group.set(id, changedGroup)
  return { group, edges: changes.length > 0 ? [...groups.edges, ...before] : groups.edges, dependents }
}

/** Rows to restore are passed in one call with the rows to remove. */
const changedGroup = 'changed rows'

/** Rows that refer to the targets, and rows that refer to those, as long as each is proven to be newer than its parent. */
function dependentsOf(open: OpenStore, batches: readonly Batch[], keys: readonly ForeignKey[]): Dependent[] {
  const all: Dependent[] = []
  const known = [...batches]
  let level: readonly Batch[] = batches.filter((batch) => batch.set === undefined)
  while (level.length > 0) {
    const next: Batch[] = []
    for (const batch of level) {
      for (const key of keysTo(batch, keys)) {
        const rows = dependentRows(open.client, batch, key, known)
        all.push(...rows.map((row) => dependent(batch, row)))
        next.push(
          ...batchesOf(
            batch,
            key,
            rows.filter((row) => isProven(batch.targets[row.target], row)),
          ),
        )
      }
    }
    known.push(...next)
    level = next
  }
  return all
}

function dependent(batch: Batch, row: DependentRow): Dependent {
  const { key } = row
  const target = batch.targets[row.target]
  const found = { of: target?.id ?? '', type: key.child.name, key: row.row, rule: key.rule }
  if (target === undefined || !isProven(target, row)) return { ...found, provenance: 'unproven' }
  return { ...found, provenance: 'after-parent', removal: removalOf(target, row), proof: proofOf(row) }
}

/** Compares with the record too: a test may write any time into the parent, and make an older row refer to it. */
function isProven(parent: Target | undefined, { childTime, parentTime, row }: DependentRow): boolean {
  if (row === null || !parent || parent.createdAt <= 0 || !isAfter(childTime, parentTime)) return false
  return (timeOf(childTime) ?? 0) >= (parent.begunAt ?? parent.createdAt + 1)
}

function removalOf(target: Target, { key, types }: DependentRow) {
  return rowRemoval(target.removal.driver, key.child.name, key.child.key, types as readonly KeyType[])
}

function proofOf({ key, childTime }: DependentRow): Target['proof'] {
  const match: Record<string, Json> =
    key.child.createdAt === undefined ? {} : { [key.child.createdAt]: childTime as Json }
  return { strength: 'key-only', match }
}

/** Makes the dependents the targets of the next level; each keeps the id of the resource that it finally depends on. */
function batchesOf(parent: Batch, key: ForeignKey, rows: readonly DependentRow[]): Batch[] {
  const batches = new Map<string, Batch & { targets: Target[] }>()
  for (const row of rows) {
    const target = parent.targets[row.target]
    if (target === undefined) continue
    const proof = proofOf(row)
    const lookup = lookupOf(key.child, row, Object.keys(proof.match ?? {}))
    const batch = batches.get(row.types.join()) ?? { lookup, set: undefined, targets: [] }
    batch.targets.push({ ...target, key: row.row, proof, removal: removalOf(target, row) })
    batches.set(row.types.join(), batch)
  }
  return [...batches.values()]
}

function lookupOf(table: Table, row: DependentRow, match: readonly string[]) {
  return { table, columns: table.key, types: row.types as readonly KeyType[], match }
}
