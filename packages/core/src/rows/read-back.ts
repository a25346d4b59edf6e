import type { ResourceId } from '../resource/resource.ts'
import type { Target } from '../resource/target.ts'
import { failedWith, type Outcomes } from './row-outcomes.ts'

/** Corrects the outcome of rows that still exist after their removal. */
export async function readBack(
  targets: readonly Target[],
  outcomes: Outcomes,
  presentAmong: (gone: readonly Target[]) => Promise<ReadonlySet<ResourceId>>,
): Promise<Outcomes> {
  const gone = targets.filter(({ id }) => outcomes.get(id)?.state === 'removed')
  const present = await presentAmong(gone)
  for (const { id, type, key } of gone) {
    if (!present.has(id)) continue
    const message = `${type} ${JSON.stringify(key)} is still there after its removal`
    outcomes.set(id, failedWith('DUSTPAN_STILL_THERE', message, { passing: true }))
  }
  return outcomes
}
