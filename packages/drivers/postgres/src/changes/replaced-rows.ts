/**
 * Tracks deleted rows that no test had made, or whose keys are unknown (TRUNCATE, ON DELETE CASCADE, MERGE, a view), or
 * that were deleted under another table name than that of a later insertion (a partitioned table, a renamed one). A row
 * inserted later under a client-chosen key may be one of them put back: it is nobody's to remove. For the whole process,
 * because tests put back what an earlier test emptied.
 */
import { type Json, type StoreSeen, withoutIdentity } from '@dustpan/core/driver'
import { databaseSeen } from '../identity.ts'
import { typeOf } from '../names.ts'
import type { KeyColumn, TableFacts } from '../rewriting/table-facts.ts'
import type { Write } from '../sql/statement.ts'
import { areTablesDoubted, doubtsAbout, doubtTable } from './doubted-tables.ts'
import { canonicalKey, hasSeveralTexts } from './equal-keys.ts'

/** A table by its oid; `any` when it is unknown. */
export type DoubtedTable = number | 'any'

/** Rows that no test had made, and that a DELETE returned, by their key columns. */
interface RemovedRows {
  readonly key: readonly KeyColumn[]
  /** Deleted from the table itself: its columns can be renamed. */
  readonly isOwn: boolean
  readonly type: string
  readonly keys: Set<string>
}

const removed = new Map<string, RemovedRows[]>()
/** Tables, by database and oid, whose deleted rows had keys that the server generates again. */
const restarted = new Set<string>()

/** The id of a table in these maps; without a store, of a table in an unknown database. */
const tableId = (store: StoreSeen | undefined, oid: DoubtedTable): string =>
  `${store ? databaseSeen(store) : '*'}\n${oid}`

/** The store by its address only, as it is known before the first question. */
const addressOf = ({ id }: StoreSeen): StoreSeen => ({ id: withoutIdentity(id) })

/** Notes that unknown rows of tables were deleted. `restart`: their sequences restart. */
export function doubtRows(store: StoreSeen | undefined, oids: readonly DoubtedTable[], restart = false): void {
  for (const oid of oids) doubtTable({ table: tableId(store, oid), restart })
}

/** Notes that known rows of a table were deleted and its sequences restarted. */
export function noteRestarted(store: StoreSeen, oid: number): void {
  restarted.add(tableId(store, oid))
}

export const isRestarted = (store: StoreSeen, { oid }: TableFacts): boolean =>
  restarted.size > 0 && restarted.has(tableId(store, oid))

/** The tables whose rows are, or may be, deleted together with those of a table. */
export function affectedTables({ oid, kind, rules, temporary, family, cascades }: TableFacts): readonly DoubtedTable[] {
  if (temporary) return []
  return kind === 'v' || rules ? [oid, 'any'] : [oid, ...family, ...cascades]
}

/** Notes deleted rows that no test had made: from the table `own` itself, or from `others` to which they belong too. */
export function noteRemoved(
  store: StoreSeen,
  { key, type, own, others }: { key: readonly KeyColumn[]; type: string; own?: number; others: readonly number[] },
  keys: readonly Json[],
): void {
  const add = (oid: number, isOwn: boolean) => {
    const id = tableId(store, oid)
    const all = removed.get(id) ?? []
    const known = all.find((one) => one.isOwn === isOwn && one.type === type && isSameKey(one, key))
    const kept = known ?? { key, isOwn, type, keys: new Set() }
    if (!known) removed.set(id, [...all, kept])
    for (const text of texts) if (text !== undefined) kept.keys.add(text)
  }
  const texts = keys.map((one) => canonicalKey(key, one))
  if (own !== undefined) add(own, true)
  for (const oid of others) add(oid, false)
  if (texts.includes(undefined)) doubtRows(store, own === undefined ? others : [own, ...others])
}

/** Whether an INSERT may have put back rows that existed before. */
export function mayReplace(store: StoreSeen, facts: TableFacts, write: Write): boolean {
  if (!areTablesDoubted() && removed.size === 0) return false
  const ids = [...tableIds(store, facts), ...[store, addressOf(store), undefined].map((one) => tableId(one, 'any'))]
  const restarts = doubtsAbout(ids)
  if (restarts.includes(true)) return true
  const isDoubtful = restarts.length > 0 || removedFrom(store, facts).some((one) => !isSameKey(one, facts.key))
  return isDoubtful && facts.key.every(({ name }) => write.given === undefined || write.given.includes(name))
}

/**
 * Tests whether a key existed before; undefined if that cannot be told. The core itself knows deletions of the same text
 * under the table's own name.
 */
export function isReplaced(store: StoreSeen, facts: TableFacts): ((key: Json) => boolean | undefined) | undefined {
  if (removed.size === 0) return undefined
  const isUnknownToCore = ({ type }: RemovedRows) => type !== typeOf(facts) || facts.key.some(hasSeveralTexts)
  const others = removedFrom(store, facts).filter((one) => isUnknownToCore(one) && isSameKey(one, facts.key))
  if (others.length === 0) return undefined
  return (key) => {
    const text = canonicalKey(facts.key, key)
    return text === undefined ? undefined : others.some(({ keys }) => keys.has(text))
  }
}

const tableIds = (store: StoreSeen, { oid, family }: TableFacts): readonly string[] =>
  [oid, ...family].map((table) => tableId(store, table))

const removedFrom = (store: StoreSeen, facts: TableFacts): readonly RemovedRows[] =>
  tableIds(store, facts).flatMap((id) => removed.get(id) ?? [])

/** Compares column names, and for the table itself attribute numbers too: names can be reused. */
function isSameKey(one: Pick<RemovedRows, 'key' | 'isOwn'>, key: readonly KeyColumn[]): boolean {
  return (
    one.key.length === key.length &&
    one.key.every(
      ({ name, number }, index) => name === key[index]?.name && (!one.isOwn || number === key[index]?.number),
    )
  )
}
