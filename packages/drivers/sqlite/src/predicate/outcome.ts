import { foundTarget, type Matched, matchedOf } from '@dustpan/core/driver'
import type { Key } from '../keys.ts'
import type { Batch } from '../removal/batches.ts'
import type { Outcomes } from '../removal/remove.ts'
import type { FilesOfRemoval } from '../removal/row-files.ts'
import type { AskedKind } from './kinds.ts'

/** The rows that are meant, named by their keys. */
export interface Sought {
  readonly kind: AskedKind
  readonly batches: readonly Batch[]
}

/** Keys of one type each: a large integer and a text are written alike. */
export function soughtOf(driver: string, kind: AskedKind, keys: readonly Key[], files: FilesOfRemoval): Sought {
  const { table, set } = kind
  const removal = { driver, op: set ? 'soft-delete' : 'delete-row', v: 1, args: { table: table.name } }
  const alike = Map.groupBy(keys.entries(), ([, { types }]) => types.join())
  const its = set ? undefined : files.of(table)
  const batches = [...alike.values()].map((group): Batch => {
    const targets = group.map(([i, { json }]) => foundTarget(kind, i, json, removal))
    const lookup = { table, columns: table.key, types: group[0]?.[1].types ?? [], match: [] }
    return { lookup, set, targets, ...(its ? { files: its } : {}) }
  })
  return { kind, batches }
}

export function outcomeOf({ kind, batches }: Sought, outcomes: Outcomes): Matched {
  const targets = batches.flatMap((batch) => batch.targets)
  return matchedOf(
    kind,
    targets.map(({ id }) => outcomes.get(id)),
  )
}
