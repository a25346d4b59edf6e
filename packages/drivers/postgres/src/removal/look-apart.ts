/** Looks at rows of several tables, where one that cannot be read is to say nothing of the others. */
import { isDustpanError } from '@dustpan/core/driver'
import { isServerError } from '../pg.ts'
import type { Batch } from './batches.ts'
import { isPassing } from './outcomes.ts'
import { forgetShapes } from './shapes.ts'

/** Rows that the server will not show, and what it said. */
export interface Unread {
  readonly batch: Batch
  readonly error: unknown
}

export interface Looked<Found> {
  readonly found: readonly Found[]
  readonly unread: readonly Unread[]
}

/**
 * Looks at each batch by itself; where the server takes a key for no value of its column, at each half of the batch.
 * @throws what is no table's fault: a lost connection, a server that shuts down
 */
export async function lookApart<Found>(
  batches: readonly Batch[],
  store: string,
  look: (batch: Batch) => Promise<Found>,
): Promise<Looked<Found>> {
  const found: Found[] = []
  const unread: Unread[] = []
  const due = [...batches]
  for (let batch = due.shift(); batch; batch = due.shift()) {
    try {
      found.push(await look(batch))
    } catch (error) {
      if (!isOfTable(error)) throw error
      forgetShapes(store)
      if (isOfValue(error) && batch.targets.length > 1) due.unshift(...halves(batch))
      else unread.push({ batch, error })
    }
  }
  return { found, unread }
}

/** Whether the server, or what is known of the table, speaks against a statement about one table. */
export function isOfTable(error: unknown): boolean {
  if (isDustpanError(error)) return error.code === 'DUSTPAN_REMOVAL_FAILED'
  return isServerError(error) && !isPassing(error)
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html: class 22, data exception */
const isOfValue = (error: unknown): boolean => isServerError(error) && error.code.startsWith('22')

function halves(batch: Batch): readonly Batch[] {
  const middle = Math.ceil(batch.targets.length / 2)
  return [batch.targets.slice(0, middle), batch.targets.slice(middle)].map((targets) => ({ ...batch, targets }))
}
