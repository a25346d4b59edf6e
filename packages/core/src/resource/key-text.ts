/** Compares the keys of one type in one store. */
import type { Driver } from './driver.ts'
import type { Json, Removal, RemovalStep } from './resource.ts'

/** 7 and '7' are the same key, as clients differ in how they write a value; with `typed` they differ. */
export const keyText = (key: Json, typed = false): string =>
  typed || typeof key === 'object' ? JSON.stringify(key) : String(key)

/**
 * Whether two removals with the same key remove different resources: the same operation at different places. Driver names are
 * ignored, as instruments do not know them.
 */
export function isDifferentPlace(one: RemovalStep | undefined, other: RemovalStep | undefined): boolean {
  if (!one || !other || 'closure' in one || 'closure' in other) return false
  return one.op === other.op && placeText(one) !== placeText(other)
}

/** The place that a removal addresses, without arguments that are only proof. */
export const placeText = ({ op, args }: Removal): string => JSON.stringify([op, args], placeOnly)

const placeOnly = (name: string, value: unknown): unknown => (proofs.has(name) ? undefined : value)

/** A file's creation time is proof, not place; so is a key's expiry. */
const proofs = new Set(['born', 'rootBorn', 'doubtfulFiles', 'fileClock', 'expires'])

type Drivers = ReadonlyMap<string, Pick<Driver, 'capabilities' | 'serves'>>

/** Whether a store, by its id, distinguishes keys by their type. */
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
