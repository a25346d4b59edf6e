/** Removal by key of the rows that a predicate means: the same for databases that remove them in batches. */

import { filesWithRows, matchedOf, moreThanAgreed } from '../resource/matched.ts'
import type { Agreed, Matched } from '../resource/predicate.ts'
import type { Json } from '../resource/resource.ts'
import type { Target } from '../resource/target.ts'
import type { UnfitKind } from './asked-kinds.ts'
import type { Outcomes } from './row-outcomes.ts'
import { eachKind } from './searched-kinds.ts'

type Kind = Pick<Matched, 'type' | 'method'>
type Targets = { readonly targets: readonly Pick<Target, 'id'>[] }

/** How a database finds the rows of a kind, and removes them. */
export interface RowsOfKinds<Asked, Batch> {
  /** Of rows that are meant, at most so many. */
  keysOf(kind: Asked, most: number): Promise<readonly Json[]>
  batchOf(kind: Asked, keys: readonly Json[]): Batch
  remove(batches: readonly Batch[]): Promise<Outcomes>
  /** What is told of a kind of which the rows could not be searched. */
  failed(kind: Asked, error: unknown): Matched
}

/** Nothing of a kind of which more is found than was agreed to. */
export async function removeAgreed<Asked extends Kind, Batch extends Targets>(
  kinds: readonly (Asked | UnfitKind)[],
  agreed: Agreed,
  rows: RowsOfKinds<Asked, Batch>,
): Promise<readonly Matched[]> {
  const those = kinds.filter(({ type }) => agreed.has(type))
  const sought = await eachKind(those, (kind: Asked) => seek(kind, agreed.get(kind.type) ?? 0, rows))
  const outcomes = await rows.remove(sought.flatMap((one) => ('batch' in one ? [one.batch] : [])))
  const told = sought.map((one) => ('batch' in one ? outcomeOf(one, outcomes) : one))
  return [...told, ...filesWithRows(outcomes.values())]
}

interface Sought<Batch> {
  readonly kind: Kind
  readonly batch: Batch
}

async function seek<Asked extends Kind, Batch>(
  kind: Asked,
  agreed: number,
  { keysOf, batchOf, failed }: RowsOfKinds<Asked, Batch>,
): Promise<Sought<Batch> | Matched> {
  try {
    const keys = await keysOf(kind, agreed + 1)
    return keys.length > agreed ? moreThanAgreed(kind, agreed) : { kind, batch: batchOf(kind, keys) }
  } catch (error) {
    return failed(kind, error)
  }
}

function outcomeOf({ kind, batch }: Sought<Targets>, outcomes: Outcomes): Matched {
  return matchedOf(
    kind,
    batch.targets.map(({ id }) => outcomes.get(id)),
  )
}
