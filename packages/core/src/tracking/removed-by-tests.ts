/**
 * What tests removed themselves though no test had created it, by its key. Made again it is what was there before, as a row that is replaced
 * by DELETE and INSERT: nobody's to remove.
 */
import type { Json } from '../resource/resource.ts'
import { keyText } from './known.ts'

export interface RemovedByTests {
  add(store: string, type: string, key: Json): void
  /** Whether it was among them; it is there again. */
  take(store: string, type: string, key: Json): boolean
  readonly isEmpty: boolean
}

export function newRemovedByTests(): RemovedByTests {
  const places = new Map<string, Set<string>>()
  return {
    get isEmpty() {
      return places.size === 0
    },
    add(store, type, key) {
      const place = `${store}\n${type}`
      const keys = places.get(place) ?? new Set()
      places.set(place, keys.add(keyText(key)))
    },
    take(store, type, key) {
      const place = `${store}\n${type}`
      const keys = places.get(place)
      const isThere = keys?.delete(keyText(key)) ?? false
      if (keys?.size === 0) places.delete(place)
      return isThere
    },
  }
}
