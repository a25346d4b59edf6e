import { isDustpanError, type Matched, type Matches, messageOf, type Selection } from '@dustpan/core/driver'
import { counted, eachKind, matchesOf, notSearched, ownerAsked, samples, type UnfitKind } from '@dustpan/core/rows'
import { readableTable } from '../names.ts'
import { isServerError } from '../pg.ts'
import { type AskedKind, kindsAsked } from './kinds.ts'
import { countSql, keyFrom } from './matching.ts'
import { findOwner, type Owner } from './owner.ts'
import type { PredicateStore } from './store.ts'

/** Counts the rows that a predicate matches, by kind; changes nothing. */
export async function countMatches(store: PredicateStore, selection: Selection, signal: AbortSignal): Promise<Matches> {
  const { kinds, owner } = await found(store, selection, signal)
  return matchesOf(await countKinds(store, kinds, owner, signal), owner)
}

export function countKinds(
  store: PredicateStore,
  kinds: readonly (AskedKind | UnfitKind)[],
  owner: Owner | undefined,
  signal: AbortSignal,
): Promise<readonly Matched[]> {
  return eachKind(kinds, (kind: AskedKind) => count(store, kind, owner, signal))
}

export interface Found {
  readonly kinds: readonly (AskedKind | UnfitKind)[]
  readonly owner: Owner | undefined
}

/** The kinds that the predicate selects, and the owner if it names one. */
export async function found(store: PredicateStore, selection: Selection, signal: AbortSignal): Promise<Found> {
  const kinds = await kindsAsked(store, selection, signal)
  return { kinds, owner: await findOwner(store, ownerAsked(kinds, selection), signal) }
}

export function failedKind(kind: AskedKind, error: unknown): Matched {
  if (!isServerError(error) && !isDustpanError(error)) throw error
  return notSearched(kind, readableTable(kind.table), error, `${messageOf(error)} (SQLSTATE ${error.code})`)
}

async function count(
  { client }: PredicateStore,
  kind: AskedKind,
  owner: Owner | undefined,
  signal: AbortSignal,
): Promise<Matched> {
  try {
    const { text, values } = countSql(kind, owner, samples)
    const [row] = await client.rows(text, values, signal)
    const keys = JSON.parse(row?.[1] ?? '[]') as readonly (readonly string[])[]
    const sample = keys.map((texts) => keyFrom(kind.table, texts))
    return counted(kind, Number(row?.[0] ?? 0), sample)
  } catch (error) {
    return failedKind(kind, error)
  }
}
