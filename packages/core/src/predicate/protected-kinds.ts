import type { Predicate } from '../resource/predicate.ts'
import type { ProtectedKind, StoreMatches } from './plan.ts'

/** A protected kind is an error only for somebody who has named it; else it is left out. */
export function withoutProtected(store: StoreMatches, { types = [] }: Predicate): StoreMatches {
  const stays = store.kinds.flatMap(({ type, error }): ProtectedKind[] =>
    error?.code === 'DUSTPAN_PROTECTED' && !types.includes(type) ? [{ type, why: error.message }] : [],
  )
  if (stays.length === 0) return store
  const kinds = store.kinds.filter(({ type }) => !stays.some((kind) => kind.type === type))
  return { ...store, kinds, protected: stays }
}
