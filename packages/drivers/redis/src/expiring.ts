/** Keys that were given a time to live after they were made, in this process: shared by every copy of this package. */
import { type Arg, sameBytes } from './keys.ts'

const name = Symbol.for('dustpan/redis/expiring')
const home = globalThis as { [name]?: Map<string, number> }

/** By store and key: when, in milliseconds since the epoch. */
function expiring(): Map<string, number> {
  if (!home[name]) Object.defineProperty(home, name, { value: new Map(), configurable: true })
  return home[name] as Map<string, number>
}

export function noteExpiry(store: string, key: Arg, at: number | undefined): void {
  if (at !== undefined) expiring().set(`${store} ${sameBytes(key)}`, at)
}

export function expiryOf(store: string, key: Arg): number | undefined {
  return home[name]?.get(`${store} ${sameBytes(key)}`)
}
