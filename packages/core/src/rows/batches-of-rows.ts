import type { Json, Proof, Removal } from '../resource/resource.ts'
import type { Target } from '../resource/target.ts'
import type { SetColumns } from './sql-removals.ts'

/** What a statement needs to know about its rows, besides their keys. */
export interface KindOfRows {
  /** The columns that identify a row. */
  readonly columns: readonly string[]
  /** Columns to set, if rows are marked instead of deleted. */
  readonly set: SetColumns | undefined
}

/** Targets that one statement removes: the same table, key columns and proof. */
export type BatchOfRows<Kind extends KindOfRows> = Kind & {
  readonly proof: Pick<Proof, 'incarnation' | 'match'>
  readonly targets: readonly Target[]
}

type OpenBatch<Kind extends KindOfRows> = BatchOfRows<Kind> & { readonly targets: Target[] }

/**
 * Groups targets. Rows created together share their removal and proof, and are adjacent: `kindOf` is called once for them.
 * @param kindOf returns the table, and what its rows need; undefined: the table does not exist
 */
export async function batchesByKind<Kind extends KindOfRows>(
  targets: readonly Target[],
  kindOf: (removal: Removal) => Promise<readonly [table: Json, kind: Kind] | undefined>,
): Promise<readonly BatchOfRows<Kind>[]> {
  const batches = new Map<string, OpenBatch<Kind>>()
  let before: Target | undefined
  let batch: OpenBatch<Kind> | undefined
  for (const target of targets) {
    if (before?.removal !== target.removal || before.proof !== target.proof) {
      const found = await kindOf(target.removal)
      batch = found && batchIn(batches, found, target)
    }
    batch?.targets.push(target)
    before = target
  }
  return [...batches.values()]
}

function batchIn<Kind extends KindOfRows>(
  batches: Map<string, OpenBatch<Kind>>,
  [table, kind]: readonly [Json, Kind],
  { proof: { incarnation, match } }: Target,
): OpenBatch<Kind> {
  const proof = { ...(incarnation === undefined ? {} : { incarnation }), ...(match === undefined ? {} : { match }) }
  const id = JSON.stringify([table, kind.columns, kind.set, proof])
  const batch = batches.get(id) ?? { ...kind, proof, targets: [] }
  batches.set(id, batch)
  return batch
}
