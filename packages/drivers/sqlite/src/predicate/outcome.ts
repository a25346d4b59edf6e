import { type Matched, matchedOf } from '@dustpan/core/driver'
import { foundTarget } from '@dustpan/core/rows'
import type { Key } from '../keys.ts'
import type { Batch } from '../removal/batches.ts'
import type { Outcomes } from '../removal/remove.ts'
import type { RemovalFiles } from '../removal/row-files.ts'
import type { AskedKind } from './kinds.ts'

/** The matching rows of one kind, named by their keys. */
export interface SelectedRows {
  readonly kind: AskedKind
  readonly batches: readonly Batch[]
}

/** One batch per key type: a large integer and a text have the same JSON. */
export function selectRows(driver: string, kind: AskedKind, keys: readonly Key[], files: RemovalFiles): SelectedRows {
  const { table, set } = kind
  const removal = { driver, op: set ? 'soft-delete' : 'delete-row', v: 1, args: { table: table.name } }
  const byType = Map.groupBy(keys.entries(), ([, { types }]) => types.join())
  const rowFiles = set ? undefined : files.of(table)
  const batches = [...byType.values()].map((group): Batch => {
    const targets = group.map(([i, { json }]) => foundTarget(kind, i, json, removal))
    const lookup = { table, columns: table.key, types: group[0]?.[1].types ?? [], match: [] }
    return { lookup, set, targets, ...(rowFiles ? { files: rowFiles } : {}) }
  })
  return { kind, batches }
}

export function outcomeOf({ kind, batches }: SelectedRows, outcomes: Outcomes): Matched {
  const targets = batches.flatMap((batch) => batch.targets)
  return matchedOf(
    kind,
    targets.map(({ id }) => outcomes.get(id)),
  )
}
