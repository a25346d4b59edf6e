/** Changes to keys after their creation, as seen in this process; shared by every copy of this package. */
import { type Arg, sameBytes } from './keys.ts'

export interface KeyChange {
  /** When the key expires, in milliseconds since the epoch; `Infinity`: never. */
  readonly expires?: number
  /** Its present type, as TYPE replies; null: unknown. */
  readonly type?: string | null
}

const name = Symbol.for('dustpan/redis/since-made')
const home = globalThis as { [name]?: Map<string, KeyChange> }

/** The changes, by store and key. */
function all(): Map<string, KeyChange> {
  if (!home[name]) Object.defineProperty(home, name, { value: new Map(), configurable: true })
  return home[name] as Map<string, KeyChange>
}

export function noteKeyChange(store: string, key: Arg, more: KeyChange): void {
  const place = placeOf(store, key)
  all().set(place, { ...all().get(place), ...more })
}

export function keyChange(store: string, key: Arg): KeyChange | undefined {
  return home[name]?.get(placeOf(store, key))
}

/** Call when the key was deleted or created again. */
export function forgetKeyChange(store: string, key: Arg): void {
  if (home[name]?.size) home[name].delete(placeOf(store, key))
}

const placeOf = (store: string, key: Arg) => `${store} ${sameBytes(key)}`
