/** Keys by which more rows went than one, whatever the catalog says of them: an index may be broken. */
import { notOurRow, type Outcomes, type Target, targetNumbered, together } from '@dustpan/core/driver'
import { readableTable } from '../names.ts'
import type { Batch } from './batches.ts'

/** By the numbers of the targets whose rows went, one for each row. */
export function severalIn(batch: Batch, rows: readonly (readonly unknown[])[]): readonly Target[] {
  const seen = new Set<unknown>()
  const several = new Set<unknown>()
  for (const [number] of rows) (seen.has(number) ? several : seen).add(number)
  return [...several].flatMap((number) => targetNumbered(batch, number) ?? [])
}

/** What that did was undone. The others are tried again without them. */
export async function refuseSeveral(
  batches: readonly Batch[],
  several: readonly Target[],
  remove: (rest: readonly Batch[]) => Promise<Outcomes>,
): Promise<Outcomes> {
  const refused = new Set(several)
  const outcomes = batches.flatMap(({ shape, targets }) =>
    targets
      .filter((target) => refused.has(target))
      .map(({ id, key }) => [id, notOurRow(readableTable(shape), key, 'several rows go by that name')] as const),
  )
  const rest = batches
    .map((batch) => ({ ...batch, targets: batch.targets.filter((target) => !refused.has(target)) }))
    .filter(({ targets }) => targets.length > 0)
  return rest.length === 0 ? new Map(outcomes) : together([new Map(outcomes), await remove(rest)])
}
