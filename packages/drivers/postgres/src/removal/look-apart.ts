/** Looks at rows of several tables, where one that cannot be read is to say nothing of the others. */
import { isDustpanError, type Looked, lookApart as lookAt, messageOf, type Telling } from '@dustpan/core/driver'
import { readableTable } from '../names.ts'
import { isServerError } from '../pg.ts'
import type { Batch } from './batches.ts'
import { failed, isPassing } from './outcomes.ts'
import { forgetShapes } from './shapes.ts'

/** @throws what is no table's fault: a lost connection, a server that shuts down */
export async function lookApart<Found>(
  batches: readonly Batch[],
  store: string,
  look: (batch: Batch) => Promise<Found>,
): Promise<Looked<Batch, Found>> {
  const looked = await lookAt(batches, look, { isOfTable, isOfValue })
  if (looked.unread.length > 0) forgetShapes(store)
  return looked
}

/** Whether the server, or what is known of the table, speaks against a statement about one table. */
export function isOfTable(error: unknown): boolean {
  if (isDustpanError(error)) return error.code === 'DUSTPAN_REMOVAL_FAILED'
  return isServerError(error) && !isPassing(error)
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html: class 22, data exception */
const isOfValue = (error: unknown): boolean => isServerError(error) && error.code.startsWith('22')

export const telling: Telling<Batch> = {
  tableOf: ({ shape }) => readableTable(shape),
  said: (error) => `${messageOf(error)}${isServerError(error) ? ` (SQLSTATE ${error.code})` : ''}`,
  failed,
}
