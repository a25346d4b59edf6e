import type { Predicate } from '../resource/predicate.ts'
import type { ProtectedKind, StoreMatches } from './plan.ts'

/** A protected kind is an error only if it was named; otherwise it is left out. */
export function withoutProtected(store: StoreMatches, { types = [] }: Predicate): StoreMatches {
  const kept = store.kinds.flatMap(({ type, error }): ProtectedKind[] =>
    error?.code === 'DUSTPAN_PROTECTED' && !types.includes(type) ? [{ type, why: error.message }] : [],
  )
  if (kept.length === 0) return store
  const kinds = store.kinds.filter(({ type }) => !kept.some((kind) => kind.type === type))
  return { ...store, kinds, protected: kept }
}
