/** Looks at rows of several tables, where one that cannot be read is to say nothing of the others. */
import type { Target } from '../resource/target.ts'

interface Rows {
  readonly targets: readonly Target[]
}

/** Rows that the server will not show, and what it said. */
export interface Unread<Batch extends Rows> {
  readonly batch: Batch
  readonly error: unknown
}

export interface Looked<Batch extends Rows, Found> {
  readonly found: readonly Found[]
  readonly unread: readonly Unread<Batch>[]
}

/** What an error of the server's speaks against. */
export interface Verdicts {
  /** One table: false for a lost connection, a server that shuts down. */
  isOfTable(error: unknown): boolean
  /** A key that is no value of its column. */
  isOfValue(error: unknown): boolean
}

/**
 * Looks at each batch by itself; where the server takes a key for no value of its column, at each half of the batch.
 * @throws what is no table's fault
 */
export async function lookApart<Batch extends Rows, Found>(
  batches: readonly Batch[],
  look: (batch: Batch) => Promise<Found>,
  { isOfTable, isOfValue }: Verdicts,
): Promise<Looked<Batch, Found>> {
  const found: Found[] = []
  const unread: Unread<Batch>[] = []
  const due = [...batches]
  for (let batch = due.shift(); batch; batch = due.shift()) {
    try {
      found.push(await look(batch))
    } catch (error) {
      if (!isOfTable(error)) throw error
      if (isOfValue(error) && batch.targets.length > 1) due.unshift(...halves(batch))
      else unread.push({ batch, error })
    }
  }
  return { found, unread }
}

function halves<Batch extends Rows>(batch: Batch): readonly Batch[] {
  const middle = Math.ceil(batch.targets.length / 2)
  return [batch.targets.slice(0, middle), batch.targets.slice(middle)].map((targets) => ({ ...batch, targets }))
}
