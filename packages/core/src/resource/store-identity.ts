/** What a store is, by however many addresses it is reached. */
import type { StoreSeen } from './capture.ts'
import type { Driver } from './driver.ts'

/** By a store's id: the same for all ids of one store, as far as they tell. */
export type Identify = (store: string) => string

/** As where no driver tells more. */
export const byAddress: Identify = (store) => store

type Telling = Pick<Driver, 'identity'>

export function storeIdentities(drivers: ReadonlyMap<string, Telling>): Identify {
  const telling = [...drivers.values()].filter(({ identity }) => identity !== undefined)
  if (telling.length === 0) return byAddress
  const known = new Map<string, string>()
  return (id) => {
    const before = known.get(id)
    if (before !== undefined) return before
    const identity = identityOf(telling, id) ?? id
    known.set(id, identity)
    return identity
  }
}

function identityOf(drivers: readonly Telling[], id: string): string | undefined {
  for (const driver of drivers) {
    const identity = driver.identity?.({ id })
    if (identity !== undefined) return identity
  }
  return undefined
}

/** The address of a store: its id without what only its server could say (`#<identity>`). */
export const withoutIdentity = (store: string): string => store.replace(/#.*$/s, '')

/** The same of stores that an instrument sees: asked for each row that is written, found out once. */
export function identityOfSeen(identity: (id: string) => string | undefined): (store: StoreSeen) => string {
  const known = new WeakMap<StoreSeen, string>()
  return (store) => {
    const before = known.get(store)
    if (before !== undefined) return before
    const found = identity(store.id) ?? store.id
    known.set(store, found)
    return found
  }
}
