import { each, locked, type Outcomes, removeInOrder } from '@dustpan/core/rows'
import { readableTable } from '../names.ts'
import type { Batch } from './batches.ts'
import { isOfTable } from './look-apart.ts'
import { failed, isLockTimeout } from './outcomes.ts'
import type { StoreClient } from './own-client.ts'
import { removeBatch, removesTogether } from './remove.ts'
import { removeCycle } from './remove-cycle.ts'

/** Removes children before parents; tables that refer to each other in one statement. */
export function removeBatches(client: StoreClient, batches: readonly Batch[], signal: AbortSignal): Promise<Outcomes> {
  return removeInOrder(batches, ({ table }) => table, {
    together: (inOrder) => removesTogether(client, inOrder, signal),
    cycle: (members) => withOwnFailure(members, removeCycle(client, members, signal)),
    one: (batch) => withOwnFailure([batch], removeBatch(client, batch, signal)),
  })
}

/** When a table cannot be read to find out why its rows are left, the tables removed before it keep their outcomes. */
async function withOwnFailure(batches: readonly Batch[], removing: Promise<Outcomes>): Promise<Outcomes> {
  try {
    return await removing
  } catch (error) {
    if (!isOfTable(error)) throw error
    const names = batches.map(({ table }) => readableTable(table)).join(', ')
    const outcome = isLockTimeout(error) ? locked : failed(`The look at what is left in ${names}`, error)
    return each(
      batches.flatMap(({ targets }) => targets),
      outcome,
    )
  }
}
