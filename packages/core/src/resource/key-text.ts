/** What tells the keys of one type in one store apart. */
import type { Driver } from './driver.ts'
import type { Json, Removal, RemovalStep } from './resource.ts'

/** 7 and '7' are one key: clients differ in how they write the same value. `typed`: they are not, as the store says. */
export const keyText = (key: Json, typed = false): string =>
  typed || typeof key === 'object' ? JSON.stringify(key) : String(key)

/** Whether two removals by one key are of two things: both go the same way, and not to the same place. Instruments do not know their driver's name. */
export function goApart(one: RemovalStep | undefined, other: RemovalStep | undefined): boolean {
  if (!one || !other || 'closure' in one || 'closure' in other) return false
  return one.op === other.op && placeText(one) !== placeText(other)
}

/** Where what goes by a key is, without what only proves that it may be removed. */
export const placeText = ({ op, args }: Removal): string => JSON.stringify([op, args], placeOnly)

const placeOnly = (name: string, value: unknown): unknown => (proofs.has(name) ? undefined : value)

/** Since when a file stands at a path is proof, not place; so is how long a key was to last. */
const proofs = new Set(['born', 'rootBorn', 'doubtfulFiles', 'fileClock', 'expires'])

type Drivers = ReadonlyMap<string, Pick<Driver, 'capabilities' | 'serves'>>

/** Whether the keys of a store are known by their type as well, by its id. */
export function typedStores(drivers: Drivers): (store: string) => boolean {
  const typed = [...drivers.values()].filter(({ capabilities }) => capabilities.typedKeys)
  const known = new Map<string, boolean>()
  return (id) => {
    if (typed.length === 0) return false
    const isTyped = known.get(id) ?? typed.some((driver) => driver.serves?.({ id }) === true)
    known.set(id, isTyped)
    return isTyped
  }
}
