/** Batches of rows in parts, where one row keeps a whole statement from its work. */

import type { ResourceId } from '../resource/resource.ts'
import type { Target } from '../resource/target.ts'
import { each, locked, type Outcomes, removed, together } from './row-outcomes.ts'

interface Batch {
  readonly targets: readonly Target[]
}

/** The part whose rows `holds` tells, and the other one. */
export function parted<One extends Batch>(batch: One, holds: (id: ResourceId) => boolean): readonly [One, One] {
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

/** Round after round as long as one goes: what a row refers to can only go after it. */
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

/** Those that went, and of the others why they did not. */
export async function withTheRest<One extends Batch>(
  batches: readonly One[],
  gone: ReadonlySet<ResourceId>,
  explain: (left: One) => Promise<Outcomes>,
): Promise<Outcomes> {
  const parts: Outcomes[] = []
  for (const batch of batches) {
    const [done, left] = parted(batch, (id) => gone.has(id))
    parts.push(each(done.targets, removed), await explain(left))
  }
  return together(parts)
}

/** A look at which rows of a batch are there: all, or those that nobody's transaction holds. */
export interface LookAtRows<One> {
  present(batch: One): Promise<ReadonlySet<ResourceId>>
  free(batch: One): Promise<ReadonlySet<ResourceId>>
}

/** Rows that somebody's transaction holds wait; the others go. Where none is seen to be held, all wait. */
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
    const [its, others] = parted(batch, (id) => present.has(id) && !free.has(id))
    held.push(...its.targets)
    if (others.targets.length > 0) rest.push(others)
  }
  if (held.length === 0)
    return each(
      batches.flatMap(({ targets }) => targets),
      locked,
    )
  return together([each(held, locked), rest.length > 0 ? await remove(rest) : new Map()])
}
