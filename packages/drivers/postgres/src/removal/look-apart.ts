/** Reads rows of several tables one by one, so that a table that cannot be read does not affect the others. */
import { isDustpanError, messageOf } from '@dustpan/core/driver'
import { type Looked, lookApart as lookAt, type RowErrorTexts } from '@dustpan/core/rows'
import { readableTable } from '../names.ts'
import { isServerError } from '../pg.ts'
import type { Batch } from './batches.ts'
import { failed, isTransient } from './outcomes.ts'
import { forgetTables } from './tables.ts'

/** @throws errors that no single table causes: a lost connection, a server that shuts down */
export async function lookApart<Found>(
  batches: readonly Batch[],
  store: string,
  look: (batch: Batch) => Promise<Found>,
): Promise<Looked<Batch, Found>> {
  const looked = await lookAt(batches, look, { isOfTable, isOfValue })
  if (looked.unread.length > 0) forgetTables(store)
  return looked
}

/**
 * Whether an error concerns a single table: an error of the server about a statement, or of Dustpan about the table's
 * description.
 */
export function isOfTable(error: unknown): boolean {
  if (isDustpanError(error)) return error.code === 'DUSTPAN_REMOVAL_FAILED'
  return isServerError(error) && !isTransient(error)
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html: class 22, data exception */
const isOfValue = (error: unknown): boolean => isServerError(error) && error.code.startsWith('22')

export const errorTexts: RowErrorTexts<Batch> = {
  tableOf: ({ table }) => readableTable(table),
  textOf: (error) => `${messageOf(error)}${isServerError(error) ? ` (SQLSTATE ${error.code})` : ''}`,
  failed,
}
