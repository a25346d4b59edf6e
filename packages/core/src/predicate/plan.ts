/** What a predicate would remove: a value that can be printed. */
import type { DustpanError } from '../errors/dustpan-error.ts'
import type { Matched, Predicate, Selection } from '../resource/predicate.ts'
import type { StoreRef } from '../resource/resource.ts'

export interface PredicatePlan {
  /** What the environment is called. */
  readonly environment: string
  readonly predicate: Predicate
  readonly deletion?: Selection['deletion']
  /** So many things may go at most. */
  readonly limit: number
  /** `unknown`: a store cannot say beforehand what it would remove. */
  readonly total: number | 'unknown'
  readonly stores: readonly StoreMatches[]
  /** Why nothing goes, whoever agrees. */
  readonly refusal?: DustpanError
}

/** What one store finds. */
export interface StoreMatches {
  readonly store: StoreRef
  readonly kinds: readonly Matched[]
  /** Kinds that nobody has named and the configuration protects: left out, and why. */
  readonly protected?: readonly ProtectedKind[]
  /** The kind of the owner, who stays. */
  readonly preserved?: string
  /** Of the names in `except` those that it knows. */
  readonly excepted?: readonly string[]
  /** The guard or the profile lets nothing be removed there. */
  readonly refusal?: DustpanError
  /** It could not be asked. */
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

/** Without those that no store can count. */
export function knownOf(stores: readonly Pick<StoreMatches, 'kinds'>[]): number {
  return stores.flatMap(({ kinds }) => kinds).reduce((sum, { count }) => sum + (count === 'unknown' ? 0 : count), 0)
}
