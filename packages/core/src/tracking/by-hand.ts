/** Resources tracked by hand: what a test says about one also applies to records of it from other sources. */
import type { Driver } from '../resource/driver.ts'
import { keyText } from '../resource/key-text.ts'
import { isGone, type Json, type Resource, type ResourceId, type ResourceSet } from '../resource/resource.ts'
import { namesKind } from '../resource/same-kind.ts'
import type { Identify } from '../resource/store-identity.ts'

/** A row from a store's log. */
export interface LoggedRow {
  /** All known addresses of its store. */
  readonly stores: readonly string[]
  readonly type: string
  readonly key: Json
}

/**
 * How to treat a row. `left`: this record does not remove it, because another record does, or nothing may; otherwise the lifetime that a test
 * gave to the same resource in the application.
 */
export type Treatment = 'left' | Pick<ResourceSet, 'lifetime' | 'expiresAt'>

export interface ByHand {
  /** Only resources tracked by hand count; others are ignored. */
  add(resources: readonly Resource[]): void
  forget(resources: readonly Resource[]): void
  /** Undefined if no test said anything about it. */
  of(row: LoggedRow): Treatment | undefined
  /** Drops resources that are gone, unless they were forgotten. */
  dropFinished(): void
}

/** Indexes resources only on the first query: most runs have no log to read. */
export function newByHand(drivers: ReadonlyMap<string, Driver>, identify: Identify): ByHand {
  const byKey = new Map<string, Map<ResourceId, Resource>>()
  const forgotten = new Set<ResourceId>()
  let fresh: (readonly Resource[])[] = []
  const isRelevant = ({ id, state }: Resource) => forgotten.has(id) || !isGone(state)
  const withKey = (key: Json): readonly Resource[] => {
    for (const one of fresh.flat()) {
      if (one.set.origin !== 'tracked') continue
      const text = keyText(one.key)
      byKey.set(text, (byKey.get(text) ?? new Map()).set(one.id, one))
    }
    fresh = []
    return [...(byKey.get(keyText(key))?.values() ?? [])]
  }
  return {
    add: (resources) => void fresh.push(resources),
    forget(resources) {
      for (const { id } of resources) forgotten.add(id)
    },
    of({ stores, type, key }) {
      const own = new Set(stores.map(identify))
      const isOwn = ({ set }: Resource) => own.has(identify(set.store.id))
      const matches = (one: Resource) => (isOwn(one) ? isRow(one, type, drivers) : mayBeRow(one, type, drivers))
      const found = withKey(key).findLast((one) => isRelevant(one) && matches(one))
      if (!found) return undefined
      if (isOwn(found) || found.set.shared || forgotten.has(found.id)) return 'left'
      const { lifetime, expiresAt } = found.set
      return { lifetime, ...(expiresAt === undefined ? {} : { expiresAt }) }
    },
    dropFinished() {
      fresh = fresh.map((resources) => resources.filter(isRelevant)).filter(({ length }) => length > 0)
      for (const resources of byKey.values())
        for (const [id, one] of resources) if (!isRelevant(one)) resources.delete(id)
    },
  }
}

/** The names of a resource's type: the test's own, and the store's. */
export function kindsOf({ type, steps }: ResourceSet, drivers: ReadonlyMap<string, Driver>): readonly string[] {
  const [step] = steps
  const stored = step && !('closure' in step) ? drivers.get(step.driver)?.typeOf?.(step) : undefined
  return stored === undefined ? [type] : [type, stored]
}

/** In the same store the removal names the table, unless it is the user's own statement. */
function isRow({ set }: Resource, type: string, drivers: ReadonlyMap<string, Driver>): boolean {
  const [named, stored] = kindsOf(set, drivers)
  return stored === undefined ? namesKind([named as string], [type]) : stored === type
}

/** A resource of the application may be a row of this database; a row of another database cannot. */
function mayBeRow({ set }: Resource, type: string, drivers: ReadonlyMap<string, Driver>): boolean {
  const driver = drivers.get(set.store.driver)
  return (driver === undefined || driver.capabilities.database === false) && namesKind([set.type], [type])
}
