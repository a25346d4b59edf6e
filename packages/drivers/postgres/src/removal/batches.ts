import type { Json, Proof, Target } from '@dustpan/core/driver'
import { keyParts } from '../names.ts'
import type { SoftDeletion } from './soft-deletion.ts'
import type { ShapeOf, TableShape, TableWanted } from './shapes.ts'

/** Targets that one statement removes: the same table, key columns and proof. */
export interface Batch {
  readonly shape: TableShape
  readonly columns: readonly string[]
  /** Columns to set, where rows are marked instead of deleted. */
  readonly set: SetColumns | undefined
  readonly proof: Pick<Proof, 'incarnation' | 'match'>
  readonly targets: readonly Target[]
}

export type SetColumns = { readonly [column: string]: Json }

/** The arguments of `delete-row` and `soft-delete`. */
export interface RowArgs {
  readonly schema?: string | null
  readonly table: string
  readonly columns?: readonly string[]
  readonly set?: SetColumns
}

export function rowArgs({ removal }: Target): RowArgs {
  return removal.args as unknown as RowArgs
}

export function wantedTable(target: Target): TableWanted {
  const { schema = null, table } = rowArgs(target)
  return { schema, table }
}

/** Groups targets whose table is there. Columns that are not named are the table's key. */
export function batchesOf(targets: readonly Target[], shapeOf: ShapeOf, softly: SoftDeletion): readonly Batch[] {
  const batches = new Map<string, Batch & { targets: Target[] }>()
  for (const target of targets) {
    const shape = shapeOf(wantedTable(target))
    if (!shape) continue
    const columns = rowArgs(target).columns ?? shape.key
    const set = softly(target.removal, shape)
    const { incarnation, match } = target.proof
    const proof = { ...(incarnation === undefined ? {} : { incarnation }), ...(match === undefined ? {} : { match }) }
    const id = JSON.stringify([shape.oid, columns, set, proof])
    const batch = batches.get(id)
    if (batch) batch.targets.push(target)
    else batches.set(id, { shape, columns, set, proof, targets: [target] })
  }
  return [...batches.values()]
}

/** One list of values for each key column. */
export function keyValues({ columns, targets }: Pick<Batch, 'columns' | 'targets'>): readonly (readonly (string | null)[])[] {
  return columns.map((_, index) => targets.map((target) => textOf(keyParts(target.key)[index] ?? null)))
}

export function textOf(value: Json): string | null {
  if (value === null || typeof value === 'string') return value
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
