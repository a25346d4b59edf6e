/**
 * Resources that tests removed themselves, by key, with their first creator. If one is created again, as by DELETE and INSERT of the same row,
 * it still belongs to its first creator: to no test if it existed before, otherwise for example to the file that created it for all its tests.
 */
import { keyText, placeText } from '../resource/key-text.ts'
import type { Json, RemovalStep } from '../resource/resource.ts'
import { byAddress, type Identify } from '../resource/store-identity.ts'
import type { Scope } from './scope.ts'

/** `nobody`: no test created it. */
export type FirstCreator = Scope | 'nobody'

/** A removed resource. `by`: the removal, if the key alone is ambiguous. */
export interface Removed {
  readonly store: string
  readonly type: string
  readonly key: Json
  readonly by: RemovalStep | undefined
}

export interface RemovedByTests {
  add(removed: Removed, creator: FirstCreator): void
  /** The first creator, if it was removed by a test. */
  creatorOf(removed: Removed): FirstCreator | undefined
  /** The same, for a resource that exists again: drops the entry. */
  take(removed: Removed): FirstCreator | undefined
  readonly isEmpty: boolean
}

/** `isTyped`: whether 7 and '7' are different keys in a store. `identify`: maps all addresses of a store to one identity. */
export function newRemovedByTests(isTyped: (store: string) => boolean, identify: Identify = byAddress): RemovedByTests {
  const places = new Map<string, Map<string, FirstCreator>>()
  const placeOf = ({ store, type }: Removed) => `${identify(store)}\n${type}`
  const textOf = ({ store, key, by }: Removed) =>
    isTyped(store) ? `${by && !('closure' in by) && placeText(by)}\n${keyText(key, true)}` : keyText(key)
  return {
    get isEmpty() {
      return places.size === 0
    },
    add(removed, creator) {
      const place = placeOf(removed)
      const keys = places.get(place) ?? new Map()
      places.set(place, keys.set(textOf(removed), creator))
    },
    creatorOf: (removed) => places.get(placeOf(removed))?.get(textOf(removed)),
    take(removed) {
      const place = placeOf(removed)
      const keys = places.get(place)
      if (!keys) return undefined
      const text = textOf(removed)
      const creator = keys.get(text)
      keys.delete(text)
      if (keys.size === 0) places.delete(place)
      return creator
    },
  }
}
