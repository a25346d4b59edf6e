import type { InstanceRules } from '@dustpan/core/driver'
import { matchesGlob } from '../glob.ts'

/** One driver instance's say in what is captured. */
export interface CaptureRules extends InstanceRules {
  /** The kind of a key. */
  typeOf(key: string): string
  /** Every kind that it has. */
  readonly types: readonly string[]
  ignores(key: string): boolean
}

/** What a key is called that no kind claims. */
export const plainType = 'key'

/** The rules of an instance: its kinds are tried in the order in which they are written. */
export function rulesOf(
  { kinds = {}, ignoreKeys = [] }: CaptureOptions,
  { serves, leadsTo }: Required<InstanceRules>,
): CaptureRules {
  const patterns = Object.entries(kinds).map(([type, { pattern }]) => ({ type, pattern }))
  const served = new Map<string, boolean>()
  return {
    serves(store) {
      const known = served.get(store.id)
      if (known !== undefined) return known
      const answer = serves(store)
      served.set(store.id, answer)
      return answer
    },
    leadsTo,
    typeOf: (key) => patterns.find(({ pattern }) => matchesGlob(pattern, key))?.type ?? plainType,
    types: [...patterns.map(({ type }) => type), plainType],
    ignores: (key) => ignoreKeys.some((pattern) => matchesGlob(pattern, key)),
  }
}

interface CaptureOptions {
  readonly kinds?: { readonly [kind: string]: { readonly pattern: string } }
  readonly ignoreKeys?: readonly string[]
}

/** Everything is captured, for a client that was handed over without a configuration. */
export const everything: CaptureRules = rulesOf({}, { serves: () => false, leadsTo: () => false })
