import { keyOf, readable, sameBytes } from '../keys.ts'
import { type Asked, type Effect, type Existed, everyKey, isTimeOf, type Observed } from './observed.ts'

/** What several commands do to the same keys, one after the other: what was there at first is asked once for each key. */
export class Course {
  readonly #there = new Map<string, ReturnType<Existed>>()

  /** What EXISTS said before the first. */
  begin(asked: Asked, existed: ReturnType<Existed>): void {
    this.#there.set(placeOf(asked), existed)
  }

  readonly existed: Existed = (asked) => this.#there.get(placeOf(asked))

  follow({ created, gone }: Effect): void {
    for (const key of gone) this.#there.set(sameBytes(key), false)
    for (const { key } of created) this.#there.set(sameBytes(key), true)
  }
}

/** `MULTI a, b`: where nobody lives to see its answer, that tells what to look for. */
export function transactionOf(all: readonly (Observed | undefined)[]): string {
  const keys = [...new Set(all.flatMap((one) => one?.keys.map((key) => readable(keyOf(key))) ?? []))]
  const more = keys.length > mostNamed ? ` and ${keys.length - mostNamed} more` : ''
  return `MULTI ${keys.slice(0, mostNamed).join(', ')}${more}`.trimEnd()
}

const mostNamed = 5

/** No key begins like this: {@link sameBytes} puts base64 behind it. */
function placeOf(asked: Asked): string {
  if (asked === everyKey) return '\u0000*'
  return isTimeOf(asked) ? `\u0000* ${sameBytes(asked.timeOf)}` : sameBytes(asked)
}

/** Each key once. */
export function keysAskedFor(all: readonly Observed[]): readonly Asked[] {
  return [...new Map(all.flatMap(({ asked }) => asked).map((one): [string, Asked] => [placeOf(one), one])).values()]
}
