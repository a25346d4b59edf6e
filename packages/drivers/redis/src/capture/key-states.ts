import { keyOf, readable, sameBytes } from '../keys.ts'
import { type Effect, type Existed, everyKey, isTtlLookup, type Lookup, type Observed } from './observed-command.ts'

/** Which keys exist while several commands run one after the other; each key is looked up only once, before the first. */
export class KeyStates {
  readonly #there = new Map<string, ReturnType<Existed>>()

  /** Sets the result of the lookup before the first command. */
  begin(lookup: Lookup, existed: ReturnType<Existed>): void {
    this.#there.set(placeOf(lookup), existed)
  }

  readonly existed: Existed = (lookup) => this.#there.get(placeOf(lookup))

  follow({ created, gone }: Effect): void {
    for (const key of gone) this.#there.set(sameBytes(key), false)
    for (const { key } of created) this.#there.set(sameBytes(key), true)
  }
}

/** `MULTI a, b`: if the process dies before the reply, the label says which keys to look for. */
export function transactionLabel(all: readonly (Observed | undefined)[]): string {
  const keys = [...new Set(all.flatMap((one) => one?.keys.map((key) => readable(keyOf(key))) ?? []))]
  const more = keys.length > maxNamed ? ` and ${keys.length - maxNamed} more` : ''
  return `MULTI ${keys.slice(0, maxNamed).join(', ')}${more}`.trimEnd()
}

const maxNamed = 5

/** A map key. No Redis key collides with `\u0000*`: after `\u0000`, {@link sameBytes} puts base64. */
function placeOf(lookup: Lookup): string {
  if (lookup === everyKey) return '\u0000*'
  return isTtlLookup(lookup) ? `\u0000* ${sameBytes(lookup.ttlOf)}` : sameBytes(lookup)
}

/** All lookups, without duplicates. */
export function distinctLookups(all: readonly Observed[]): readonly Lookup[] {
  return [
    ...new Map(all.flatMap(({ lookups }) => lookups).map((one): [string, Lookup] => [placeOf(one), one])).values(),
  ]
}
