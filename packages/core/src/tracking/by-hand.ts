/** What tests say by hand of things: it holds for records of the same things that come in other ways. */
import type { Driver } from '../resource/driver.ts'
import { keyText } from '../resource/key-text.ts'
import { isGone, type Json, type Resource, type ResourceId, type ResourceSet } from '../resource/resource.ts'
import { namesKind } from '../resource/same-kind.ts'
import type { Identify } from '../resource/store-identity.ts'

/** A row as a store's log tells it. */
export interface ToldRow {
  /** Each address of its store that is known. */
  readonly stores: readonly string[]
  readonly type: string
  readonly key: Json
}

/**
 * What holds for a row. `left`: nobody removes it, or another record does so; else it goes when a test has said that the same thing, in the
 * application's hands, goes.
 */
export type Said = 'left' | Pick<ResourceSet, 'lifetime' | 'expiresAt'>

export interface ByHand {
  /** Those that were tracked by hand; others count for nothing. */
  add(resources: readonly Resource[]): void
  forget(resources: readonly Resource[]): void
  /** Undefined: nothing was said. */
  of(row: ToldRow): Said | undefined
  /** What is gone says nothing any more, unless it was forgotten. */
  dropFinished(): void
}

/** Sorted in only when somebody asks: most runs have no log to read. */
export function newByHand(drivers: ReadonlyMap<string, Driver>, identify: Identify): ByHand {
  const byKey = new Map<string, Map<ResourceId, Resource>>()
  const forgotten = new Set<ResourceId>()
  let fresh: (readonly Resource[])[] = []
  const counts = ({ id, state }: Resource) => forgotten.has(id) || !isGone(state)
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
      const means = (one: Resource) => (isOwn(one) ? isRow(one, type, drivers) : mayBeRow(one, type, drivers))
      const said = withKey(key).findLast((one) => counts(one) && means(one))
      if (!said) return undefined
      if (isOwn(said) || said.set.shared || forgotten.has(said.id)) return 'left'
      const { lifetime, expiresAt } = said.set
      return { lifetime, ...(expiresAt === undefined ? {} : { expiresAt }) }
    },
    dropFinished() {
      fresh = fresh.map((resources) => resources.filter(counts)).filter(({ length }) => length > 0)
      for (const things of byKey.values()) for (const [id, one] of things) if (!counts(one)) things.delete(id)
    },
  }
}

/** What a thing is called: by whoever tracks it, and by the store that it is in. */
export function kindsOf({ type, steps }: ResourceSet, drivers: ReadonlyMap<string, Driver>): readonly string[] {
  const [step] = steps
  const stored = step && !('closure' in step) ? drivers.get(step.driver)?.typeOf?.(step) : undefined
  return stored === undefined ? [type] : [type, stored]
}

/** In its own store a thing's removal names the table, unless it is the user's statement. */
function isRow({ set }: Resource, type: string, drivers: ReadonlyMap<string, Driver>): boolean {
  const [named, stored] = kindsOf(set, drivers)
  return stored === undefined ? namesKind([named as string], [type]) : stored === type
}

/** The application's thing may be a row of the database. What is in another database is not. */
function mayBeRow({ set }: Resource, type: string, drivers: ReadonlyMap<string, Driver>): boolean {
  const driver = drivers.get(set.store.driver)
  return (driver === undefined || driver.capabilities.database === false) && namesKind([set.type], [type])
}
