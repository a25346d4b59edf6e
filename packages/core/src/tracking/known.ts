/** Finds what this process recorded by where it lives, what it is, and its key. */
import type { Json, Resource } from '../resource/resource.ts'

export interface KnownResources {
  add(resource: Resource): void
  find(store: string, type: string, key: Json): Resource | undefined
  /** All of a type in a store. */
  all(store: string, type: string): Resource[]
}

export function newKnownResources(): KnownResources {
  const byType = new Map<string, Map<string, Resource>>()
  return {
    add(resource) {
      const place = `${resource.set.store.id}\n${resource.set.type}`
      let keys = byType.get(place)
      if (!keys) {
        keys = new Map()
        byType.set(place, keys)
      }
      keys.set(keyText(resource.key), resource)
    },
    find: (store, type, key) => byType.get(`${store}\n${type}`)?.get(keyText(key)),
    all: (store, type) => [...(byType.get(`${store}\n${type}`)?.values() ?? [])],
  }
}

/** 7 and '7' are one key: clients differ in how they write the same value. */
export const keyText = (key: Json): string => (typeof key === 'object' ? JSON.stringify(key) : String(key))
