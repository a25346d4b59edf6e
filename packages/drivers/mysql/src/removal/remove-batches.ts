import { type Outcomes, removeInOrder, together } from '@dustpan/core/rows'
import type { Batch } from './batches.ts'
import { hiddenRowsOutcome, mayAffectHiddenRows } from './hidden-dependents.ts'
import type { StoreClient } from './own-client.ts'
import { removeBatch, removesTogether } from './remove.ts'
import { removeCycle } from './remove-cycle.ts'

/** Removes children before parents. */
export async function removeBatches(
  client: StoreClient,
  batches: readonly Batch[],
  signal: AbortSignal,
): Promise<Outcomes> {
  const affectingHidden = batches.filter(mayAffectHiddenRows)
  const others = batches.filter((batch) => !affectingHidden.includes(batch))
  const outcomes = await removeInOrder(others, ({ table }) => table, {
    together: async (inOrder) => affectingHidden.length === 0 && (await removesTogether(client, inOrder, signal)),
    cycle: (members) => removeCycle(client, members, signal),
    one: (batch) => removeBatch(client, batch, signal),
  })
  return together([...affectingHidden.map(hiddenRowsOutcome), outcomes])
}
