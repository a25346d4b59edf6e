/** What commands have shown of keys on the way, for as long as a run goes on in this process. */
import type { CaptureSink } from '@dustpan/core/driver'
import { type Arg, sameBytes } from '../keys.ts'

/** So many are remembered; the first are forgotten. */
const most = 100_000

/** Shown by a command that waited: what others sent meanwhile may have made it. */
interface Waited {
  readonly at: number
  /** The place at which its answer came. */
  readonly until: number
  readonly connection: object
}

export class KeysSeen {
  /** By store and key: which command has shown it. */
  readonly #seen = new Map<string, number | Waited>()
  /** By store: which command has taken keys of it away that nothing had shown. */
  readonly #unseen = new Map<string, number>()

  add(store: string, key: Arg, at: number | Waited): void {
    const place = placeOf(store, key)
    if (this.#seen.has(place)) return
    this.#seen.set(place, at)
    if (this.#seen.size > most) this.#seen.delete(this.#seen.keys().next().value as string)
  }

  /** From now on any key of the store may be one of them. */
  addUnseen(store: string, at: number): void {
    if (!this.#unseen.has(store)) this.#unseen.set(store, at)
  }

  /** Whether a command before that one, of that connection, has shown it, or may have taken it away. */
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
  /** There before any test made them: made again they are what was there before, and nobody's to remove. */
  readonly before: KeysSeen
  /** Made by tests, under names that are not tracked. */
  readonly ignored: KeysSeen
  /** Stores in which something is tracked. */
  readonly begun: Set<string>
}

const bySink = new WeakMap<CaptureSink, Seen>()

export function keysSeen(sink: CaptureSink): Seen {
  const known = bySink.get(sink) ?? { before: new KeysSeen(), ignored: new KeysSeen(), begun: new Set<string>() }
  bySink.set(sink, known)
  return known
}
