/** Looks at rows of several tables, where one that cannot be read is to say nothing of the others. */
import {
  isRowRemoval,
  type Looked,
  lookApart as lookAt,
  messageOf,
  type RowArgs,
  type Target,
  type Telling,
  type Unread,
  type Verdicts,
} from '@dustpan/core/driver'
import { isServerError } from '../mysql2.ts'
import { quoteTable, readableTable, type TableName } from '../names.ts'
import type { Batch } from './batches.ts'
import { failed, isLockTimeout, isPassing } from './outcomes.ts'
import type { StoreClient } from './own-client.ts'

/** Rows of a table that may be hidden from us. */
export interface RowsOf {
  readonly table: TableName
  readonly targets: readonly Target[]
}

const verdicts: Verdicts = {
  isOfTable: (error) => isServerError(error) && !isPassing(error) && !isLockTimeout(error),
  isOfValue: () => false,
}

export const telling: Telling<RowsOf> = {
  tableOf: ({ table }) => readableTable(table),
  said: (error) => `${messageOf(error)}${isServerError(error) ? ` (${error.code}, ${error.errno})` : ''}`,
  failed,
}

/** `targets`: of which the batches are those whose tables are seen. @throws what is no table's fault */
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

/** Of the rows without a batch those whose table may be there: a user sees only the tables in which it may do something. */
export async function hiddenRows(
  client: StoreClient,
  targets: readonly Target[],
  batches: readonly Batch[],
  signal: AbortSignal,
): Promise<readonly Unread<RowsOf>[]> {
  const seen = new Set(batches.flatMap((batch) => batch.targets))
  const lost = targets.filter((target) => isRowRemoval(target) && !seen.has(target))
  const hidden: Unread<RowsOf>[] = []
  for (const [, some] of Map.groupBy(lost, (target) => readableTable(tableIn(client, target)))) {
    const table = tableIn(client, some[0] as Target)
    const error = await errorOf(client, table, signal)
    if (error !== undefined) hidden.push({ batch: { table, targets: some }, error })
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
