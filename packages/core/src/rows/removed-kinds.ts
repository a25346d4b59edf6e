/** Removes the rows that match a predicate by key: the same for databases that remove them in batches. */

import { filesWithRows, matchedOf, moreThanAgreed } from '../resource/matched.ts'
import type { Agreed, Matched } from '../resource/predicate.ts'
import type { Json } from '../resource/resource.ts'
import type { Target } from '../resource/target.ts'
import type { UnfitKind } from './asked-kinds.ts'
import type { Outcomes } from './row-outcomes.ts'
import { eachKind } from './searched-kinds.ts'

type Kind = Pick<Matched, 'type' | 'method'>
type Targets = { readonly targets: readonly Pick<Target, 'id'>[] }

/** How a database finds and removes the rows of a kind. */
export interface RowsOfKinds<Asked, Batch> {
  /** Keys of matching rows, at most `most`. */
  keysOf(kind: Asked, most: number): Promise<readonly Json[]>
  batchOf(kind: Asked, keys: readonly Json[]): Batch
  remove(batches: readonly Batch[]): Promise<Outcomes>
  /** The result for a kind whose rows could not be searched. */
  failed(kind: Asked, error: unknown): Matched
}

/** Removes nothing of a kind with more matches than were agreed to. */
export async function removeAgreed<Asked extends Kind, Batch extends Targets>(
  kinds: readonly (Asked | UnfitKind)[],
  agreed: Agreed,
  rows: RowsOfKinds<Asked, Batch>,
): Promise<readonly Matched[]> {
  const agreedKinds = kinds.filter(({ type }) => agreed.has(type))
  const found = await eachKind(agreedKinds, (kind: Asked) => findRows(kind, agreed.get(kind.type) ?? 0, rows))
  const outcomes = await rows.remove(found.flatMap((one) => ('batch' in one ? [one.batch] : [])))
  const results = found.map((one) => ('batch' in one ? outcomeOf(one, outcomes) : one))
  return [...results, ...filesWithRows(outcomes.values())]
}

interface FoundRows<Batch> {
  readonly kind: Kind
  readonly batch: Batch
}

async function findRows<Asked extends Kind, Batch>(
  kind: Asked,
  agreed: number,
  { keysOf, batchOf, failed }: RowsOfKinds<Asked, Batch>,
): Promise<FoundRows<Batch> | Matched> {
  try {
    const keys = await keysOf(kind, agreed + 1)
    return keys.length > agreed ? moreThanAgreed(kind, agreed) : { kind, batch: batchOf(kind, keys) }
  } catch (error) {
    return failed(kind, error)
  }
}

function outcomeOf({ kind, batch }: FoundRows<Targets>, outcomes: Outcomes): Matched {
  return matchedOf(
    kind,
    batch.targets.map(({ id }) => outcomes.get(id)),
  )
}
