/** Reads rows of several tables; an unreadable table does not affect the others. */
import { messageOf, type Target } from '@dustpan/core/driver'
import {
  isRowRemoval,
  type Looked,
  lookApart as lookAt,
  type RowArgs,
  type RowErrorTexts,
  type Unread,
  type Verdicts,
} from '@dustpan/core/rows'
import { isServerError } from '../mysql2.ts'
import { quoteTable, readableTable, type TableName } from '../names.ts'
import type { Batch } from './batches.ts'
import { failed, isLockTimeout, isPassing } from './outcomes.ts'
import type { StoreClient } from './own-client.ts'

/** Rows of a table that may be hidden from the user. */
export interface RowsOf {
  readonly table: TableName
  readonly targets: readonly Target[]
}

const verdicts: Verdicts = {
  isOfTable: (error) => isServerError(error) && !isPassing(error) && !isLockTimeout(error),
  isOfValue: () => false,
}

export const errorTexts: RowErrorTexts<RowsOf> = {
  tableOf: ({ table }) => readableTable(table),
  textOf: (error) => `${messageOf(error)}${isServerError(error) ? ` (${error.code}, ${error.errno})` : ''}`,
  failed,
}

/** `targets`: all targets; `batches`: those whose tables are visible. @throws errors that no table caused */
export async function lookApart<Found>(
  client: StoreClient,
  targets: readonly Target[],
  batches: readonly Batch[],
  look: (batch: Batch) => Promise<Found>,
  signal: AbortSignal,
): Promise<Looked<RowsOf, Found>> {
  const { found, unread } = await lookAt(batches, look, verdicts)
  return { found, unread: [...unread, ...(await hiddenRows(client, targets, batches, signal))] }
}

/** Rows without a batch whose table may exist: a user sees only tables on which it has a privilege. */
export async function hiddenRows(
  client: StoreClient,
  targets: readonly Target[],
  batches: readonly Batch[],
  signal: AbortSignal,
): Promise<readonly Unread<RowsOf>[]> {
  const seen = new Set(batches.flatMap((batch) => batch.targets))
  const missing = targets.filter((target) => isRowRemoval(target) && !seen.has(target))
  const hidden: Unread<RowsOf>[] = []
  for (const [, tableTargets] of Map.groupBy(missing, (target) => readableTable(tableIn(client, target)))) {
    const table = tableIn(client, tableTargets[0] as Target)
    const error = await errorOf(client, table, signal)
    if (error !== undefined) hidden.push({ batch: { table, targets: tableTargets }, error })
  }
  return hidden
}

function tableIn({ session }: StoreClient, { removal }: Target): TableName {
  const { schema, table } = removal.args as unknown as RowArgs
  return { schema: schema ?? session.database, table }
}

/** Undefined: there is no such table. */
async function errorOf(client: StoreClient, table: TableName, signal: AbortSignal): Promise<unknown> {
  try {
    await client.rows(`SELECT 1 FROM ${quoteTable(table)} LIMIT 0`, signal)
    return new Error('it was not there a moment ago')
  } catch (error) {
    return isServerError(error) && [noSuchDatabase, noSuchTable].includes(error.errno) ? undefined : error
  }
}

const noSuchDatabase = 1049
const noSuchTable = 1146
