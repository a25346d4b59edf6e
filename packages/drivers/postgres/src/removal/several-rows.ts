/** Keys that matched several rows, although the catalog says that they are unique: an index may be corrupt. */
import type { Target } from '@dustpan/core/driver'
import { notOurRow, type Outcomes, targetNumbered, together } from '@dustpan/core/rows'
import { readableTable } from '../names.ts'
import type { Batch } from './batches.ts'

/** The targets whose number occurs more than once among the removed rows. */
export function severalIn(batch: Batch, rows: readonly (readonly unknown[])[]): readonly Target[] {
  const seen = new Set<unknown>()
  const several = new Set<unknown>()
  for (const [number] of rows) (seen.has(number) ? several : seen).add(number)
  return [...several].flatMap((number) => targetNumbered(batch, number) ?? [])
}

/** Refuses these targets, whose removal was rolled back, and removes the others again without them. */
export async function refuseSeveral(
  batches: readonly Batch[],
  several: readonly Target[],
  remove: (rest: readonly Batch[]) => Promise<Outcomes>,
): Promise<Outcomes> {
  const refused = new Set(several)
  const outcomes = batches.flatMap(({ table, targets }) =>
    targets
      .filter((target) => refused.has(target))
      .map(({ id, key }) => [id, notOurRow(readableTable(table), key, 'several rows go by that name')] as const),
  )
  const rest = batches
    .map((batch) => ({ ...batch, targets: batch.targets.filter((target) => !refused.has(target)) }))
    .filter(({ targets }) => targets.length > 0)
  return rest.length === 0 ? new Map(outcomes) : together([new Map(outcomes), await remove(rest)])
}
