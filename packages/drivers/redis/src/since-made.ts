/** What became of keys after they were made, in this process: shared by every copy of this package. */
import { type Arg, sameBytes } from './keys.ts'

export interface SinceMade {
  /** When it goes by itself, in milliseconds since the epoch; `Infinity`: never. */
  readonly expires?: number
  /** What TYPE says of it now; null: whatever another key is. */
  readonly type?: string | null
}

const name = Symbol.for('dustpan/redis/since-made')
const home = globalThis as { [name]?: Map<string, SinceMade> }

/** By store and key. */
function all(): Map<string, SinceMade> {
  if (!home[name]) Object.defineProperty(home, name, { value: new Map(), configurable: true })
  return home[name] as Map<string, SinceMade>
}

export function noteSinceMade(store: string, key: Arg, more: SinceMade): void {
  const place = placeOf(store, key)
  all().set(place, { ...all().get(place), ...more })
}

export function sinceMade(store: string, key: Arg): SinceMade | undefined {
  return home[name]?.get(placeOf(store, key))
}

/** It is gone, or made anew. */
export function forgetSinceMade(store: string, key: Arg): void {
  if (home[name]?.size) home[name].delete(placeOf(store, key))
}

const placeOf = (store: string, key: Arg) => `${store} ${sameBytes(key)}`
