/** Rows that were there under an insert's keys before it: whoever’s they are, their number proves nothing of the test’s. */
import type { Json } from '@dustpan/core/driver'
import type { Batch } from '../removal/batches.ts'
import { census, countRows } from '../removal/census.ts'
import type { Server } from '../sql/server.ts'
import { canDelete, merges, type Table } from '../sql/table.ts'
import { keyLiteral } from '../sql/where.ts'
import type { InsertPlan } from './insert-plan.ts'
import type { RowKeys } from './row-keys.ts'

/** How many of a key; `unknown`: nobody can tell. */
export type RowsBefore = ((key: Json) => number) | 'unknown'

interface Asked {
  /** Asked only where there is a question. */
  readonly session: { readonly server: Promise<Server> }
  readonly table: Table
  readonly plan: Pick<InsertPlan<object>, 'ahead' | 'keys' | 'marked'>
}

/** Never throws. */
export async function rowsBefore({ session, table, plan }: Asked): Promise<RowsBefore> {
  const isUntold = merges(table) || (table.deduplicates && plan.marked() === undefined)
  if (!plan.ahead) return isUntold ? 'unknown' : none
  if (!isCounted(table, plan)) return none
  try {
    return await counted(await session.server, table, plan.keys)
  } catch {
    return 'unknown'
  }
}

/** Of a stream the keys are known afterwards: what is there more than it brought was there before. `isSure`: all that it brought can be seen. */
export async function rowsBeforeStream({ session, table, plan }: Asked, isSure: boolean): Promise<RowsBefore> {
  if (!isCounted(table, plan)) return none
  if (!isSure) return 'unknown'
  try {
    const now = await counted(await session.server, table, plan.keys)
    const brought = new Map(plan.keys.byKey().map(({ key, rows }) => [JSON.stringify(key), rows]))
    return (key) => Math.max(0, now(key) - (brought.get(JSON.stringify(key)) ?? 0))
  } catch {
    return 'unknown'
  }
}

/** With any of the keys. */
export async function rowsNow({ session, table, plan: { keys } }: Asked): Promise<number> {
  const batch = inserted(table, keys)
  return countRows(await session.server, batch, batch.keys, {}).catch(() => 0)
}

const none = (): number => 0

/** Rows with the run's id are like nobody else's; of what a look takes something away, or what cannot delete, none is removed. */
function isCounted(table: Table, { keys, marked }: Asked['plan']): boolean {
  const isMarked = marked() !== undefined && !merges(table)
  return !isMarked && keys.count > 0 && keys.columns.length > 0 && canDelete(table)
}

async function counted(server: Server, table: Table, keys: RowKeys): Promise<(key: Json) => number> {
  const batch = inserted(table, keys)
  const rows = await census(server, batch, {})
  const found = new Map(batch.keys.map((key) => [JSON.stringify(key.key), rows(key)]))
  return (key) => found.get(JSON.stringify(key)) ?? 0
}

function inserted(table: Table, keys: RowKeys): Batch {
  const wanted = keys.byKey().map(({ key }) => key)
  return batchOf(table, keys.columns, wanted)
}

/** Whatever has one of the keys, as a removal would have it. */
export function batchOf(table: Table, columns: readonly string[], keys: readonly Json[]): Batch {
  return {
    ...{ table, columns, match: {}, rows: 'any', set: undefined },
    keys: keys.flatMap((key) => {
      const literal = keyLiteral(table, columns, key)
      return literal === undefined ? [] : [{ key, literal, targets: [] }]
    }),
  }
}
