/** Identifies a store, by whatever address it is reached. */
import type { StoreSeen } from './capture.ts'
import type { Driver } from './driver.ts'

/** Maps a store's id to its identity: equal for all ids of one store, as far as these reveal it. */
export type Identify = (store: string) => string

/** Used if no driver can identify stores. */
export const byAddress: Identify = (store) => store

type Identifier = Pick<Driver, 'identity'>

export function storeIdentities(drivers: ReadonlyMap<string, Identifier>): Identify {
  const identifiers = [...drivers.values()].filter(({ identity }) => identity !== undefined)
  if (identifiers.length === 0) return byAddress
  const known = new Map<string, string>()
  return (id) => {
    const before = known.get(id)
    if (before !== undefined) return before
    const identity = identityOf(identifiers, id) ?? id
    known.set(id, identity)
    return identity
  }
}

function identityOf(drivers: readonly Identifier[], id: string): string | undefined {
  for (const driver of drivers) {
    const identity = driver.identity?.({ id })
    if (identity !== undefined) return identity
  }
  return undefined
}

/** The address of a store: its id without the part that only its server knows (`#<identity>`). */
export const withoutIdentity = (store: string): string => store.replace(/#.*$/s, '')

/** The identity of stores that an instrument sees: asked for each row written, determined once. */
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
