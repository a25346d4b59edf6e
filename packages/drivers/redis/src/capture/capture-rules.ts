import type { InstanceRules } from '@dustpan/core/driver'
import { matchesGlob } from '../glob.ts'

/** The capture rules of one driver instance. */
export interface CaptureRules extends InstanceRules {
  /** The kind of a key. */
  typeOf(key: string): string
  /** All kinds of the instance. */
  readonly types: readonly string[]
  ignores(key: string): boolean
}

/** The type of a key that matches no kind. */
export const plainType = 'key'

/** The rules of an instance; the first kind that matches a key counts. */
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

/** Captures all keys; for a client that was passed to `capture()` without a configuration. */
export const everything: CaptureRules = rulesOf({}, { serves: () => false, leadsTo: () => false })
