import { type Arg, sameBytes } from '../keys.ts'
import type { Effect, Existed, Observed } from './observed.ts'

/** What several commands do to the same keys, one after the other: what was there at first is asked once for each key. */
export class Course {
  readonly #there = new Map<string, ReturnType<Existed>>()

  /** What EXISTS said before the first. */
  begin(key: Arg, existed: ReturnType<Existed>): void {
    this.#there.set(sameBytes(key), existed)
  }

  readonly existed: Existed = (key) => this.#there.get(sameBytes(key))

  follow({ created, gone }: Effect): void {
    for (const key of gone) this.#there.set(sameBytes(key), false)
    for (const { key } of created) this.#there.set(sameBytes(key), true)
  }
}

/** Each key once. */
export function keysAskedFor(all: readonly Observed[]): readonly Arg[] {
  return [...new Map(all.flatMap(({ asked }) => asked).map((key) => [sameBytes(key), key])).values()]
}
