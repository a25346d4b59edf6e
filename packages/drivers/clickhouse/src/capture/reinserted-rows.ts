/** Finds rows of an insert that existed before and were removed by a test. */
import type { Json } from '@dustpan/core/driver'
import type { ClientSession, Found } from './client-session.ts'
import type { RemovedRows } from './removed-rows.ts'
import type { KeyedRows, RowKeys } from './row-keys.ts'
import { writtenKeys } from './written-keys.ts'

export interface ReinsertedRows {
  /** Whether any key of the insert belongs to removed rows. */
  readonly isAny: boolean
  /** The number of removed rows with the key. */
  removed(key: Json): number
  /**
   * Whether all inserted rows with the key restore removed ones. `there`: the number of rows before the insert. Call
   * only once per row.
   */
  isPutBack(row: KeyedRows[number], there: number): boolean
}

/** `unknown`: the removed rows are not known. Never throws. */
export type Reinserted = ReinsertedRows | 'unknown'

export const noneReinserted: ReinsertedRows = { isAny: false, removed: () => 0, isPutBack: () => false }

export async function findReinserted(
  removed: RemovedRows,
  session: ClientSession,
  { table }: Found,
  keys: RowKeys,
): Promise<Reinserted> {
  if (removed.isUnknown) return 'unknown'
  const { columns } = keys
  if (columns.length === 0) return noneReinserted
  try {
    const all = keys.byKey().map(({ key }) => key)
    const written = await writtenKeys({ session, table, columns }, all)
    const parts = new Map(all.map((key, i) => [JSON.stringify(key), written[i] ?? []]))
    const partsOf = (key: Json) => parts.get(JSON.stringify(key)) ?? []
    return {
      isAny: written.some((one) => removed.has(columns, one)),
      removed: (key) => removed.count(columns, partsOf(key)),
      isPutBack: ({ key, rows }, there) => removed.putBack(columns, { parts: partsOf(key), rows }, there),
    }
  } catch {
    return 'unknown'
  }
}
