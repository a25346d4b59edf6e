/**
 * What tests removed themselves, by its key, and whose it was. Made again it is what was there before, as a row that is replaced by DELETE
 * and INSERT: nobody's to remove where no test had created it, and otherwise its first maker's, as what a file has made for all of its tests.
 */
import { keyText, placeText } from '../resource/key-text.ts'
import type { Json, RemovalStep } from '../resource/resource.ts'
import { byAddress, type Identify } from '../resource/store-identity.ts'
import type { Scope } from './scope.ts'

/** Whose it was. */
export type FirstMaker = Scope | 'nobody'

/** What was removed. `by`: how that goes, where the key alone does not tell it from others. */
export interface Removed {
  readonly store: string
  readonly type: string
  readonly key: Json
  readonly by: RemovalStep | undefined
}

export interface RemovedByTests {
  add(removed: Removed, maker: FirstMaker): void
  /** Whose it is if it was among them. */
  whose(removed: Removed): FirstMaker | undefined
  /** The same; it is there again. */
  take(removed: Removed): FirstMaker | undefined
  readonly isEmpty: boolean
}

/** `isTyped`: a store in which 7 and '7' are two keys. `identify`: what a store is, by whatever address. */
export function newRemovedByTests(isTyped: (store: string) => boolean, identify: Identify = byAddress): RemovedByTests {
  const places = new Map<string, Map<string, FirstMaker>>()
  const placeOf = ({ store, type }: Removed) => `${identify(store)}\n${type}`
  const textOf = ({ store, key, by }: Removed) =>
    isTyped(store) ? `${by && !('closure' in by) && placeText(by)}\n${keyText(key, true)}` : keyText(key)
  return {
    get isEmpty() {
      return places.size === 0
    },
    add(removed, maker) {
      const place = placeOf(removed)
      const keys = places.get(place) ?? new Map()
      places.set(place, keys.set(textOf(removed), maker))
    },
    whose: (removed) => places.get(placeOf(removed))?.get(textOf(removed)),
    take(removed) {
      const place = placeOf(removed)
      const keys = places.get(place)
      if (!keys) return undefined
      const text = textOf(removed)
      const maker = keys.get(text)
      keys.delete(text)
      if (keys.size === 0) places.delete(place)
      return maker
    },
  }
}
