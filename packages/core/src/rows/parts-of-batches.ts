/** Splits batches of rows, when a single row blocks a whole statement. */

import type { ResourceId } from '../resource/resource.ts'
import type { Target } from '../resource/target.ts'
import { each, locked, type Outcomes, removed, together } from './row-outcomes.ts'

interface Batch {
  readonly targets: readonly Target[]
}

/** The part whose rows satisfy `holds`, and the rest. */
export function partition<One extends Batch>(batch: One, holds: (id: ResourceId) => boolean): readonly [One, One] {
  const part = (wanted: boolean) => ({ ...batch, targets: batch.targets.filter(({ id }) => holds(id) === wanted) })
  return [part(true), part(false)]
}

/** The first half of the rows, then the others. */
export async function inHalves<One extends Batch>(
  batch: One,
  remove: (half: One) => Promise<Outcomes>,
): Promise<Outcomes> {
  const middle = Math.ceil(batch.targets.length / 2)
  const first = await remove({ ...batch, targets: batch.targets.slice(0, middle) })
  return together([first, await remove({ ...batch, targets: batch.targets.slice(middle) })])
}

/** Repeats rounds as long as one row is removed: a row can only be removed after those that refer to it. */
export async function oneByOne<One extends Batch>(
  batches: readonly One[],
  remove: (single: One) => Promise<Outcomes>,
): Promise<Outcomes> {
  const outcomes: Outcomes = new Map()
  let left = batches.flatMap((batch) => batch.targets.map((target) => ({ ...batch, targets: [target] })))
  let before: number
  do {
    before = left.length
    for (const single of left) for (const [id, outcome] of await remove(single)) outcomes.set(id, outcome)
    left = left.filter(({ targets }) => targets.some(({ id }) => outcomes.get(id)?.state === 'refused'))
  } while (left.length > 0 && left.length < before)
  return outcomes
}

/** The outcomes of removed rows, and the reasons for the others. */
export async function withTheRest<One extends Batch>(
  batches: readonly One[],
  gone: ReadonlySet<ResourceId>,
  explain: (left: One) => Promise<Outcomes>,
): Promise<Outcomes> {
  const parts: Outcomes[] = []
  for (const batch of batches) {
    const [done, left] = partition(batch, (id) => gone.has(id))
    parts.push(each(done.targets, removed), await explain(left))
  }
  return together(parts)
}

/** Finds which rows of a batch exist: all of them, or those not locked by a transaction. */
export interface LookAtRows<One> {
  present(batch: One): Promise<ReadonlySet<ResourceId>>
  free(batch: One): Promise<ReadonlySet<ResourceId>>
}

/** Rows locked by a transaction wait; the others are removed. If no locked row is found, all wait. */
export async function withoutLocked<One extends Batch>(
  batches: readonly One[],
  look: LookAtRows<One>,
  remove: (rest: readonly One[]) => Promise<Outcomes>,
): Promise<Outcomes> {
  const held: Target[] = []
  const rest: One[] = []
  for (const batch of batches) {
    const present = await look.present(batch)
    const free = await look.free(batch)
    const [lockedPart, others] = partition(batch, (id) => present.has(id) && !free.has(id))
    held.push(...lockedPart.targets)
    if (others.targets.length > 0) rest.push(others)
  }
  if (held.length === 0)
    return each(
      batches.flatMap(({ targets }) => targets),
      locked,
    )
  return together([each(held, locked), rest.length > 0 ? await remove(rest) : new Map()])
}
