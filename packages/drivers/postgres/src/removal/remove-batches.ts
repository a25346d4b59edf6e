import type { Batch } from './batches.ts'
import { componentsOf } from './components.ts'
import { each, type Outcomes, removed, together } from './outcomes.ts'
import type { StoreClient } from './own-client.ts'
import { removeBatch, removesTogether } from './remove.ts'
import { removeCycle } from './remove-cycle.ts'

/** Children before parents, tables that refer to each other in one statement. */
export async function removeBatches(
  client: StoreClient,
  batches: readonly Batch[],
  signal: AbortSignal,
): Promise<Outcomes> {
  const components = componentsOf(batches, (batch) => parentsOf(batch, batches))
  const inOrder = components.flatMap(({ members }) => members)
  const isPlain = inOrder.length > 1 && !components.some(({ cyclic }) => cyclic)
  if (isPlain) {
    const removing = removesTogether(client, inOrder, signal)
    // Made ready while the server is at it.
    const outcomes = each(
      inOrder.flatMap(({ targets }) => targets),
      removed,
    )
    if (await removing) return outcomes
  }
  const parts: Outcomes[] = []
  for (const { members, cyclic } of components) {
    if (cyclic) parts.push(await removeCycle(client, members, signal))
    else for (const batch of members) parts.push(await removeBatch(client, batch, signal))
  }
  return together(parts)
}

/** Rows that are only marked refer to nothing that matters. */
function parentsOf(child: Batch, batches: readonly Batch[]): readonly Batch[] {
  if (child.set) return []
  return batches.filter(
    ({ shape, set }) =>
      !set &&
      shape.referencedBy.some(({ schema, table }) => schema === child.shape.schema && table === child.shape.table),
  )
}
