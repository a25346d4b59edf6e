import type { Target } from '../resource/target.ts'
import { componentsOf } from './components.ts'
import { each, type Outcomes, removed, together } from './row-outcomes.ts'
import { type ReferredTable, refersTo } from './table-groups.ts'

/** Rows of one table to delete or to mark. */
interface BatchToRemove {
  readonly targets: readonly Target[]
  readonly set: unknown
}

/** How a driver removes batches. */
export interface BatchRemoval<Batch> {
  /** False: one of them had an unexpected result, and nothing was removed. */
  together(batches: readonly Batch[]): Promise<boolean>
  /** Batches whose tables refer to each other. */
  cycle(batches: readonly Batch[]): Promise<Outcomes>
  one(batch: Batch): Promise<Outcomes>
}

/** Removes children before parents: several tables together if possible, else table by table; tables in a cycle as one. */
export async function removeInOrder<Batch extends BatchToRemove>(
  batches: readonly Batch[],
  tableOf: (batch: Batch) => ReferredTable,
  removal: BatchRemoval<Batch>,
): Promise<Outcomes> {
  const components = componentsOf(batches, (batch) => parentsOf(batch, batches, tableOf))
  const inOrder = components.flatMap(({ members }) => members)
  if (inOrder.length > 1 && !components.some(({ cyclic }) => cyclic)) {
    const removing = removal.together(inOrder)
    // Computed while the server is working.
    const outcomes = each(
      inOrder.flatMap(({ targets }) => targets),
      removed,
    )
    if (await removing) return outcomes
  }
  const parts: Outcomes[] = []
  for (const { members, cyclic } of components) {
    if (cyclic) parts.push(await removal.cycle(members))
    else for (const batch of members) parts.push(await removal.one(batch))
  }
  return together(parts)
}

/** References of rows that are only marked do not matter. */
function parentsOf<Batch extends BatchToRemove>(
  child: Batch,
  batches: readonly Batch[],
  tableOf: (batch: Batch) => ReferredTable,
): readonly Batch[] {
  if (child.set) return []
  return batches.filter((batch) => !batch.set && refersTo(tableOf(child), tableOf(batch)))
}
