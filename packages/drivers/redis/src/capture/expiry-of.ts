/** When keys expire, as far as this process has seen. */
import type { RecordedResource } from '@dustpan/core/driver'
import { keyChange } from '../key-changes.ts'
import type { Arg } from '../keys.ts'
import { expiresIn } from '../removal/spec.ts'
import type { Creation } from './observed-command.ts'

/** A key of the test; a `Creation` is not on record yet, because not all of its commands have a reply. */
export type OwnedKey = RecordedResource | Creation

/**
 * In milliseconds since the epoch. `Infinity`: its expiry was removed; undefined: it was created without one, or
 * nothing is known.
 */
export function expiryOf(store: string, key: Arg, owned: OwnedKey | undefined): number | undefined {
  const since = keyChange(store, key)?.expires
  if (since !== undefined || !owned) return since
  return 'at' in owned ? owned.expires : owned.removal && 'args' in owned.removal ? expiresIn(owned.removal) : undefined
}

/** The form in records, which omit `Infinity`. */
export const finite = (time: number | undefined): number | undefined =>
  time === Number.POSITIVE_INFINITY ? undefined : time

export const earlier = (a = Number.POSITIVE_INFINITY, b = Number.POSITIVE_INFINITY): number => Math.min(a, b)
