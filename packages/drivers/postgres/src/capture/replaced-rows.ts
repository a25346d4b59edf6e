/**
 * Rows that were there before went from a table: in a way that does not tell their keys (TRUNCATE, ON DELETE CASCADE, MERGE, a view), or by another
 * name than the one that they come back by (the root of a partition, a table that was renamed). What is inserted there later under a key of the
 * client's choice may be one of them again: nobody's to remove. For the whole process, as tests put back what an earlier one has emptied.
 */
import { type Json, type StoreSeen, withoutIdentity } from '@dustpan/core/driver'
import { databaseSeen } from '../identity.ts'
import { typeOf } from '../names.ts'
import type { Write } from './statement.ts'
import type { KeyColumn, TableFacts } from './table-facts.ts'

/** A table by its oid; `any`: nobody knows which. */
export type Doubted = number | 'any'

/** Rows of one key that no test had made, and that a DELETE told. */
interface Removed {
  readonly key: readonly KeyColumn[]
  /** Of the table itself: what its columns are called may change. */
  readonly isOwn: boolean
  readonly type: string
  readonly keys: Set<string>
}

/** By database and oid: whether keys that the server makes begin anew, too. */
const doubtful = new Map<string, boolean>()
const removed = new Map<string, Removed[]>()
/** By database and oid: rows were there whose keys the server makes again. */
const restarted = new Set<string>()

/** Without a store: nobody knows of which database. */
const placeOf = (store: StoreSeen | undefined, oid: Doubted): string => `${store ? databaseSeen(store) : '*'}\n${oid}`

/** What is known of a database before it was asked. */
const addressOf = ({ id }: StoreSeen): StoreSeen => ({ id: withoutIdentity(id) })

/** `restart`: sequences are set back. */
export function doubtRows(store: StoreSeen | undefined, oids: readonly Doubted[], restart = false): void {
  for (const oid of oids) {
    const place = placeOf(store, oid)
    doubtful.set(place, restart || doubtful.get(place) === true)
  }
}

/** Its rows went by their keys, and its sequences are set back. */
export function noteRestarted(store: StoreSeen, oid: number): void {
  restarted.add(placeOf(store, oid))
}

export const isRestarted = (store: StoreSeen, { oid }: TableFacts): boolean =>
  restarted.size > 0 && restarted.has(placeOf(store, oid))

/** Everything whose rows go, or may go, with those of a table. */
export function goesWith({ oid, kind, rules, temporary, family, cascades }: TableFacts): readonly Doubted[] {
  if (temporary) return []
  return kind === 'v' || rules ? [oid, 'any'] : [oid, ...family, ...cascades]
}

/** Rows that no test had made went: from the table `own` itself, or from `others` that it goes by too. */
export function noteRemoved(
  store: StoreSeen,
  { key, type, own, others }: { key: readonly KeyColumn[]; type: string; own?: number; others: readonly number[] },
  keys: readonly Json[],
): void {
  const add = (oid: number, isOwn: boolean) => {
    const place = placeOf(store, oid)
    const all = removed.get(place) ?? []
    const known = all.find((one) => one.isOwn === isOwn && one.type === type && isSameKey(one, key))
    const kept = known ?? { key, isOwn, type, keys: new Set() }
    if (!known) removed.set(place, [...all, kept])
    for (const one of keys) kept.keys.add(JSON.stringify(one))
  }
  if (own !== undefined) add(own, true)
  for (const oid of others) add(oid, false)
}

/** Whether what an INSERT made may have been there before. */
export function mayReplace(store: StoreSeen, facts: TableFacts, write: Write): boolean {
  if (doubtful.size === 0 && removed.size === 0) return false
  const places = [...placesOf(store, facts), ...[store, addressOf(store), undefined].map((one) => placeOf(one, 'any'))]
  const restarts = places.flatMap((place) => doubtful.get(place) ?? [])
  if (restarts.includes(true)) return true
  const isDoubtful = restarts.length > 0 || removedFrom(store, facts).some((one) => !isSameKey(one, facts.key))
  return isDoubtful && facts.key.every(({ name }) => write.given === undefined || write.given.includes(name))
}

/** Whether a row by its key certainly was there before. What went by the table's own name the core knows. */
export function isReplaced(store: StoreSeen, facts: TableFacts): ((key: Json) => boolean) | undefined {
  if (removed.size === 0) return undefined
  const others = removedFrom(store, facts).filter((one) => one.type !== typeOf(facts) && isSameKey(one, facts.key))
  return others.length === 0 ? undefined : (key) => others.some(({ keys }) => keys.has(JSON.stringify(key)))
}

const placesOf = (store: StoreSeen, { oid, family }: TableFacts): readonly string[] =>
  [oid, ...family].map((table) => placeOf(store, table))

const removedFrom = (store: StoreSeen, facts: TableFacts): readonly Removed[] =>
  placesOf(store, facts).flatMap((place) => removed.get(place) ?? [])

/** By the names of its columns, and those of the table itself by their numbers too: names change hands. */
function isSameKey(one: Pick<Removed, 'key' | 'isOwn'>, key: readonly KeyColumn[]): boolean {
  return (
    one.key.length === key.length &&
    one.key.every(
      ({ name, number }, index) => name === key[index]?.name && (!one.isOwn || number === key[index]?.number),
    )
  )
}
