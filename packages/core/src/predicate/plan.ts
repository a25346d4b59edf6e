/** A plan of what a predicate would remove, as a printable value. */
import type { DustpanError } from '../errors/dustpan-error.ts'
import type { Matched, Predicate, Selection } from '../resource/predicate.ts'
import type { StoreRef } from '../resource/resource.ts'

export interface PredicatePlan {
  /** The environment's name. */
  readonly environment: string
  readonly predicate: Predicate
  readonly deletion?: Selection['deletion']
  /** Maximum number of resources to remove. */
  readonly limit: number
  /** `unknown`: a store cannot say beforehand what it would remove. */
  readonly total: number | 'unknown'
  readonly stores: readonly StoreMatches[]
  /** Why nothing is removed, even if confirmed. */
  readonly refusal?: DustpanError
}

/** The matches in one store. */
export interface StoreMatches {
  readonly store: StoreRef
  readonly kinds: readonly Matched[]
  /** Kinds that were not named and are protected by the configuration: left out, and why. */
  readonly protected?: readonly ProtectedKind[]
  /** The kind of the owner, who is kept. */
  readonly preserved?: string
  /** The names in `except` that it knows. */
  readonly excepted?: readonly string[]
  /** The guard or the profile forbids removal there. */
  readonly refusal?: DustpanError
  /** It could not be queried. */
  readonly error?: DustpanError
}

export interface ProtectedKind {
  readonly type: string
  readonly why: string
}

export function totalOf(stores: readonly Pick<StoreMatches, 'kinds'>[]): number | 'unknown' {
  const counts = stores.flatMap(({ kinds }) => kinds.map(({ count }) => count))
  return counts.reduce<number | 'unknown'>(
    (sum, count) => (sum === 'unknown' || count === 'unknown' ? 'unknown' : sum + count),
    0,
  )
}

/** The number of matches, without those that cannot be counted. */
export function knownCount(stores: readonly Pick<StoreMatches, 'kinds'>[]): number {
  return stores.flatMap(({ kinds }) => kinds).reduce((sum, { count }) => sum + (count === 'unknown' ? 0 : count), 0)
}
