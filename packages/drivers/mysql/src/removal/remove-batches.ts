import { type Outcomes, removeInOrder, together } from '@dustpan/core/driver'
import type { Batch } from './batches.ts'
import { mayTakeHiddenAlong, takesHiddenAlong } from './hidden-dependents.ts'
import type { StoreClient } from './own-client.ts'
import { removeBatch, removesTogether } from './remove.ts'
import { removeCycle } from './remove-cycle.ts'

/** Children before parents. */
export async function removeBatches(
  client: StoreClient,
  batches: readonly Batch[],
  signal: AbortSignal,
): Promise<Outcomes> {
  const hiding = batches.filter(mayTakeHiddenAlong)
  const others = batches.filter((batch) => !hiding.includes(batch))
  const outcomes = await removeInOrder(others, ({ table }) => table, {
    together: async (inOrder) => hiding.length === 0 && (await removesTogether(client, inOrder, signal)),
    cycle: (members) => removeCycle(client, members, signal),
    one: (batch) => removeBatch(client, batch, signal),
  })
  return together([...hiding.map(takesHiddenAlong), outcomes])
}
