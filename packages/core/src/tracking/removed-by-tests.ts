/**
 * What tests removed themselves, by its key, and whose it was. Made again it is what was there before, as a row that is replaced by DELETE
 * and INSERT: nobody's to remove where no test had created it, and otherwise its first maker's, as what a file has made for all of its tests.
 */
import type { Json } from '../resource/resource.ts'
import { keyText } from './known.ts'
import type { Scope } from './scope.ts'

/** Whose it was. */
export type FirstMaker = Scope | 'nobody'

export interface RemovedByTests {
  add(store: string, type: string, key: Json, maker: FirstMaker): void
  /** Whose it is if it was among them; it is there again. */
  take(store: string, type: string, key: Json): FirstMaker | undefined
  readonly isEmpty: boolean
}

export function newRemovedByTests(): RemovedByTests {
  const places = new Map<string, Map<string, FirstMaker>>()
  return {
    get isEmpty() {
      return places.size === 0
    },
    add(store, type, key, maker) {
      const place = `${store}\n${type}`
      const keys = places.get(place) ?? new Map()
      places.set(place, keys.set(keyText(key), maker))
    },
    take(store, type, key) {
      const place = `${store}\n${type}`
      const keys = places.get(place)
      const text = keyText(key)
      const maker = keys?.get(text)
      keys?.delete(text)
      if (keys?.size === 0) places.delete(place)
      return maker
    },
  }
}
