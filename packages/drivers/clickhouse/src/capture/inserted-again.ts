/** Which rows of an insert are existing ones that a test has removed. */
import type { Json } from '@dustpan/core/driver'
import type { ClientSession, Found } from './client-session.ts'
import type { KeyedRows, RowKeys } from './row-keys.ts'
import type { TakenRows } from './taken-rows.ts'
import { writtenKeys } from './written-keys.ts'

export interface InsertedAgain {
  /** Whether a key of the insert is among those that went. */
  readonly isAny: boolean
  /** How many rows went by the key. */
  taken(key: Json): number
  /** Whether all rows with the key are those that went. `there`: how many there were before the insert. To be asked once. */
  isPutBack(row: KeyedRows[number], there: number): boolean
}

/** `unknown`: nobody can tell. Never throws. */
export type Again = InsertedAgain | 'unknown'

export const notAgain: InsertedAgain = { isAny: false, taken: () => 0, isPutBack: () => false }

export async function insertedAgain(
  taken: TakenRows,
  session: ClientSession,
  { table }: Found,
  keys: RowKeys,
): Promise<Again> {
  if (taken.isUnknown) return 'unknown'
  const { columns } = keys
  if (columns.length === 0) return notAgain
  try {
    const all = keys.byKey().map(({ key }) => key)
    const written = await writtenKeys({ session, table, columns }, all)
    const parts = new Map(all.map((key, i) => [JSON.stringify(key), written[i] ?? []]))
    const partsOf = (key: Json) => parts.get(JSON.stringify(key)) ?? []
    return {
      isAny: written.some((one) => taken.has(columns, one)),
      taken: (key) => taken.count(columns, partsOf(key)),
      isPutBack: ({ key, rows }, there) => taken.putBack(columns, { parts: partsOf(key), rows }, there),
    }
  } catch {
    return 'unknown'
  }
}
