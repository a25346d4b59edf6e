import {
  DustpanError,
  isDustpanError,
  type Matched,
  type Matches,
  messageOf,
  type Selection,
} from '@dustpan/core/driver'
import { readableTable } from '../names.ts'
import { isServerError } from '../pg.ts'
import { type AskedKind, kindsAsked, type UnfitKind } from './kinds.ts'
import { countSql, keyFrom } from './matching.ts'
import { findOwner, type Owner } from './owner.ts'
import type { PredicateStore } from './store.ts'

/** How many keys of each kind a plan shows. */
const samples = 3

/** What a predicate finds, by kind; touches nothing. */
export async function countMatches(store: PredicateStore, selection: Selection, signal: AbortSignal): Promise<Matches> {
  const { kinds, owner } = await found(store, selection, signal)
  return { kinds: await countKinds(store, kinds, owner, signal), ...(owner ? { preserved: owner.type } : {}) }
}

export async function countKinds(
  store: PredicateStore,
  kinds: readonly (AskedKind | UnfitKind)[],
  owner: Owner | undefined,
  signal: AbortSignal,
): Promise<readonly Matched[]> {
  const counted: Matched[] = []
  for (const kind of kinds) counted.push('error' in kind ? unfit(kind) : await count(store, kind, owner, signal))
  return counted
}

export interface Found {
  readonly kinds: readonly (AskedKind | UnfitKind)[]
  readonly owner: Owner | undefined
}

/** The kinds that are meant, and the owner if one is: there is one only where a kind has owners. */
export async function found(store: PredicateStore, selection: Selection, signal: AbortSignal): Promise<Found> {
  const kinds = await kindsAsked(store, selection, signal)
  const { owner } = selection.predicate
  const isOwned = owner !== undefined && kinds.some((kind) => !('error' in kind))
  return {
    kinds,
    owner: isOwned ? await findOwner(store.client, store.driver, store.settings, owner, signal) : undefined,
  }
}

export function unfit({ type, error }: UnfitKind): Matched {
  return { type, count: 0, method: 'hard', error }
}

/** What is wrong with one kind (a value that its column cannot hold) is told of this kind. */
export function failedKind({ type, shape, set }: AskedKind, error: unknown): Matched {
  if (!isServerError(error) && !isDustpanError(error)) throw error
  const told = isDustpanError(error)
    ? error
    : new DustpanError(
        'DUSTPAN_REMOVAL_FAILED',
        `${readableTable(shape)} could not be searched: ${messageOf(error)} (SQLSTATE ${error.code})`,
        { cause: error },
      )
  return { type, count: 0, method: set ? 'soft' : 'hard', error: told }
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
    const sample = keys.map((texts) => keyFrom(kind.shape, texts))
    return { type: kind.type, count: Number(row?.[0] ?? 0), method: kind.set ? 'soft' : 'hard', sample }
  } catch (error) {
    return failedKind(kind, error)
  }
}
