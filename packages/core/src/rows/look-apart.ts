/** Reads rows of several tables, where an unreadable table must not affect the others. */
import type { Target } from '../resource/target.ts'

interface Rows {
  readonly targets: readonly Target[]
}

/** Rows that the server does not show, and its error. */
export interface Unread<Batch extends Rows> {
  readonly batch: Batch
  readonly error: unknown
}

export interface Looked<Batch extends Rows, Found> {
  readonly found: readonly Found[]
  readonly unread: readonly Unread<Batch>[]
}

/** Classifies the server's errors. */
export interface Verdicts {
  /** Concerns one table: false for a lost connection, or a server that shuts down. */
  isOfTable(error: unknown): boolean
  /** A key that is not a valid value of its column. */
  isOfValue(error: unknown): boolean
}

/**
 * Reads each batch separately; if the server rejects a key as invalid for its column, each half of the batch.
 * @throws errors that do not concern a single table
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
