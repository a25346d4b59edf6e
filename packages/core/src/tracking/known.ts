/** Finds what this process recorded by where it lives, what it is, and its key. */
import { isGone, type Json, type Resource } from '../resource/resource.ts'

export interface KnownResources {
  /** Whether anything was captured; what is tracked by hand need not look otherwise. */
  readonly hasCaptured: boolean
  add(resources: readonly Resource[]): void
  find(store: string, type: string, key: Json): Resource | undefined
  /** All of a type in a store. */
  all(store: string, type: string): Resource[]
  /** What is gone need not be found again. */
  dropFinished(): void
}

/** Sorted in only when somebody asks: most things are never looked for. */
export function newKnownResources(): KnownResources {
  const byType = new Map<string, Map<string, Resource>>()
  let fresh: (readonly Resource[])[] = []
  let hasCaptured = false
  const ofType = (place: string) => {
    for (const resources of fresh) for (const resource of resources) sortIn(byType, resource)
    fresh = []
    return byType.get(place)
  }
  return {
    get hasCaptured() {
      return hasCaptured
    },
    add(resources) {
      fresh.push(resources)
      hasCaptured ||= resources[0]?.set.origin !== 'tracked'
    },
    find: (store, type, key) => ofType(`${store}\n${type}`)?.get(keyText(key)),
    dropFinished() {
      fresh = fresh.map((resources) => resources.filter(isThere)).filter(({ length }) => length > 0)
      for (const keys of byType.values()) for (const [key, resource] of keys) if (!isThere(resource)) keys.delete(key)
    },
    all: (store, type) => [...(ofType(`${store}\n${type}`)?.values() ?? [])],
  }
}

const isThere = ({ state }: Resource): boolean => !isGone(state)

function sortIn(byType: Map<string, Map<string, Resource>>, resource: Resource): void {
  if (resource.set.changed) return
  const place = `${resource.set.store.id}\n${resource.set.type}`
  let keys = byType.get(place)
  if (!keys) {
    keys = new Map()
    byType.set(place, keys)
  }
  keys.set(keyText(resource.key), resource)
}

/** 7 and '7' are one key: clients differ in how they write the same value. */
export const keyText = (key: Json): string => (typeof key === 'object' ? JSON.stringify(key) : String(key))
