import { each, locked, type Outcomes, removeInOrder } from '@dustpan/core/driver'
import { readableTable } from '../names.ts'
import type { Batch } from './batches.ts'
import { isOfTable } from './look-apart.ts'
import { failed, isLockTimeout } from './outcomes.ts'
import type { StoreClient } from './own-client.ts'
import { removeBatch, removesTogether } from './remove.ts'
import { removeCycle } from './remove-cycle.ts'

/** Children before parents, tables that refer to each other in one statement. */
export function removeBatches(client: StoreClient, batches: readonly Batch[], signal: AbortSignal): Promise<Outcomes> {
  return removeInOrder(batches, ({ shape }) => shape, {
    together: (inOrder) => removesTogether(client, inOrder, signal),
    cycle: (members) => apart(members, removeCycle(client, members, signal)),
    one: (batch) => apart([batch], removeBatch(client, batch, signal)),
  })
}

/** A table that cannot even be looked at, to find out why its rows stay, says nothing of those that went before. */
async function apart(batches: readonly Batch[], removing: Promise<Outcomes>): Promise<Outcomes> {
  try {
    return await removing
  } catch (error) {
    if (!isOfTable(error)) throw error
    const names = batches.map(({ shape }) => readableTable(shape)).join(', ')
    const outcome = isLockTimeout(error) ? locked : failed(`The look at what is left in ${names}`, error)
    return each(
      batches.flatMap(({ targets }) => targets),
      outcome,
    )
  }
}
