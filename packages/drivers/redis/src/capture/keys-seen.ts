/** Keys that commands have shown to exist, remembered for as long as a run lasts in this process. */
import type { CaptureSink } from '@dustpan/core/driver'
import { type Arg, sameBytes } from '../keys.ts'

/** Beyond this number the oldest are forgotten. */
const maxKeys = 100_000

/** Shown by a blocking command: a command sent meanwhile by another connection may have created the key. */
interface Waited {
  readonly at: number
  /** The place in the order of commands at which its reply arrived. */
  readonly until: number
  readonly connection: object
}

export class KeysSeen {
  /** By store and key: the command that showed it. */
  readonly #seen = new Map<string, number | Waited>()
  /** By store: the command that deleted keys which no command had shown. */
  readonly #unseen = new Map<string, number>()

  add(store: string, key: Arg, at: number | Waited): void {
    const place = placeOf(store, key)
    if (this.#seen.has(place)) return
    this.#seen.set(place, at)
    if (this.#seen.size > maxKeys) this.#seen.delete(this.#seen.keys().next().value as string)
  }

  /** From now on, any key of the store may be one of the deleted ones. */
  addUnseen(store: string, at: number): void {
    if (!this.#unseen.has(store)) this.#unseen.set(store, at)
  }

  /** Whether a command before `at` has shown the key, or may have deleted it unseen. `connection`: the connection that asks. */
  has(store: string, key: Arg, at = Number.POSITIVE_INFINITY, connection?: object): boolean {
    if (this.#unseen.size > 0 && (this.#unseen.get(store) ?? at) < at) return true
    const seen = this.#seen.size === 0 ? undefined : this.#seen.get(placeOf(store, key))
    return seen !== undefined && placeIn(seen, connection) < at
  }

  forget(store: string, key: Arg): void {
    if (this.#seen.size > 0) this.#seen.delete(placeOf(store, key))
  }
}

const placeIn = (seen: number | Waited, connection: object | undefined): number =>
  typeof seen === 'number' ? seen : seen.connection === connection ? seen.at : seen.until

const placeOf = (store: string, key: Arg) => `${store} ${sameBytes(key)}`

interface Seen {
  /** Existed before any test created them: a test that creates one again does not own it. */
  readonly preexisting: KeysSeen
  /** Created by tests, under ignored names. */
  readonly ignored: KeysSeen
  /** Ids of stores that have tracked keys. */
  readonly trackedStores: Set<string>
}

const bySink = new WeakMap<CaptureSink, Seen>()

export function keysSeen(sink: CaptureSink): Seen {
  const known = bySink.get(sink) ?? {
    preexisting: new KeysSeen(),
    ignored: new KeysSeen(),
    trackedStores: new Set<string>(),
  }
  bySink.set(sink, known)
  return known
}
