/** The outcome of a removal by predicate, for programs and for the audit. */
import { type DustpanError, describeError } from '../errors/dustpan-error.ts'
import type { Matched } from '../resource/predicate.ts'
import type { StoreMatches } from './plan.ts'

export interface PredicateOutcome {
  /** How many were removed, by kind: `{ items: 25, files: 8 }`; `unknown` if the service did not say. */
  readonly deleted: { readonly [type: string]: number | 'unknown' }
  /** The sum of the known numbers. */
  readonly deletedCount: number
  /** Deleted, or only marked. */
  readonly method: 'hard' | 'soft' | 'mixed'
  /** The kind of the owner, who is kept. */
  readonly preserved: { readonly [type: string]: true }
  /** Matches that are still there, and why. */
  readonly left: readonly LeftBehind[]
}

export interface LeftBehind {
  readonly store: string
  /** Absent: the whole store. */
  readonly type?: string
  /** Absent: not counted. */
  readonly count?: number
  readonly code: string
  readonly message: string
  readonly hint?: string
}

export function outcomeOf(stores: readonly StoreMatches[]): PredicateOutcome {
  const kinds = stores.flatMap((store) => store.kinds)
  const done = kinds.filter(({ error }) => !error)
  return {
    deleted: summed(done),
    deletedCount: done.reduce((sum, { count }) => sum + (count === 'unknown' ? 0 : count), 0),
    method: methodOf(done),
    preserved: Object.fromEntries(stores.flatMap(({ preserved }) => (preserved ? [[preserved, true as const]] : []))),
    left: stores.flatMap(leftIn),
  }
}

/** A store that the profile excludes does not belong to this environment: nothing was expected of it. */
export const isLeftOut = ({ code }: DustpanError): boolean => code === 'DUSTPAN_PROFILE_REFUSED'

function summed(kinds: readonly Matched[]): PredicateOutcome['deleted'] {
  const deleted = new Map<string, number | 'unknown'>()
  for (const { type, count } of kinds) {
    const before = deleted.get(type) ?? 0
    deleted.set(type, before === 'unknown' || count === 'unknown' ? 'unknown' : before + count)
  }
  return Object.fromEntries(deleted)
}

function methodOf(kinds: readonly Matched[]): PredicateOutcome['method'] {
  const methods = new Set(kinds.filter(({ count }) => count !== 0).map(({ method }) => method))
  if (methods.size > 1) return 'mixed'
  return [...methods][0] ?? 'hard'
}

function leftIn({ store, kinds, refusal, error }: StoreMatches): readonly LeftBehind[] {
  const whole = refusal && isLeftOut(refusal) ? error : (refusal ?? error)
  const kindsLeft = kinds.flatMap(({ type, error: failure, left = [] }) => [
    ...(failure ? [{ type, ...errorFields(failure) }] : []),
    ...left.map(({ error: reason, ...counted }) => ({ type, ...counted, ...errorFields(reason) })),
  ])
  return [...(whole ? [errorFields(whole)] : []), ...kindsLeft].map((part) => ({ store: store.driver, ...part }))
}

const errorFields = (error: unknown) => describeError(error, 'DUSTPAN_REMOVAL_FAILED')
