/** Counts rows that had an insert's keys before it: with such rows, the row count proves nothing about the test's own. */
import type { Json } from '@dustpan/core/driver'
import type { Batch } from '../removal/batches.ts'
import { countByKey, countRows } from '../removal/count-by-key.ts'
import type { Server } from '../sql/server.ts'
import { canDelete, merges, type Table } from '../sql/table.ts'
import { keyLiteral } from '../sql/where.ts'
import type { InsertPlan } from './insert-plan.ts'
import type { RowKeys } from './row-keys.ts'

/** The number of rows of a key, or `unknown`. */
export type RowsBefore = ((key: Json) => number) | 'unknown'

interface CallContext {
  /** The server is only used if a query is needed. */
  readonly session: { readonly server: Promise<Server> }
  readonly table: Table
  readonly plan: Pick<InsertPlan<object>, 'ahead' | 'keys' | 'marked'>
}

/** Never throws. */
export async function rowsBefore({ session, table, plan }: CallContext): Promise<RowsBefore> {
  const needsCount = merges(table) || (table.deduplicates && plan.marked() === undefined)
  if (!plan.ahead) return needsCount ? 'unknown' : none
  if (!isCounted(table, plan)) return none
  try {
    return await countInserted(await session.server, table, plan.keys)
  } catch {
    return 'unknown'
  }
}

/**
 * The keys of a stream are only known after the insert: rows beyond those it inserted existed before. `isSure`: all
 * inserted rows are visible.
 */
export async function rowsBeforeStream({ session, table, plan }: CallContext, isSure: boolean): Promise<RowsBefore> {
  if (!isCounted(table, plan)) return none
  if (!isSure) return 'unknown'
  try {
    const now = await countInserted(await session.server, table, plan.keys)
    const batchOfInsert = new Map(plan.keys.byKey().map(({ key, rows }) => [JSON.stringify(key), rows]))
    return (key) => Math.max(0, now(key) - (batchOfInsert.get(JSON.stringify(key)) ?? 0))
  } catch {
    return 'unknown'
  }
}

/** The number of rows with any of the keys. */
export async function rowsNow({ session, table, plan: { keys } }: CallContext): Promise<number> {
  const batch = batchOfInsert(table, keys)
  return countRows(await session.server, batch, batch.keys, {}).catch(() => 0)
}

const none = (): number => 0

/** Rows with the run's id need no count; rows of an engine that cannot delete, or whose reads consume rows, are never removed. */
function isCounted(table: Table, { keys, marked }: CallContext['plan']): boolean {
  const isMarked = marked() !== undefined && !merges(table)
  return !isMarked && keys.count > 0 && keys.columns.length > 0 && canDelete(table)
}

async function countInserted(server: Server, table: Table, keys: RowKeys): Promise<(key: Json) => number> {
  const batch = batchOfInsert(table, keys)
  const rows = await countByKey(server, batch, {})
  const found = new Map(batch.keys.map((key) => [JSON.stringify(key.key), rows(key)]))
  return (key) => found.get(JSON.stringify(key)) ?? 0
}

function batchOfInsert(table: Table, keys: RowKeys): Batch {
  const wanted = keys.byKey().map(({ key }) => key)
  return batchOf(table, keys.columns, wanted)
}

/** A batch, as for a removal, of all rows with one of the keys. */
export function batchOf(table: Table, columns: readonly string[], keys: readonly Json[]): Batch {
  return {
    ...{ table, columns, match: {}, rows: 'any', set: undefined },
    keys: keys.flatMap((key) => {
      const literal = keyLiteral(table, columns, key)
      return literal === undefined ? [] : [{ key, literal, targets: [] }]
    }),
  }
}
