/** When keys go by themselves, as far as this process has seen it. */
import type { RecordedResource } from '@dustpan/core/driver'
import type { Arg } from '../keys.ts'
import { expiresIn } from '../removal/spec.ts'
import { sinceMade } from '../since-made.ts'
import type { Creation } from './observed.ts'

/** Not on record yet: its commands are not all answered. */
export type Owned = RecordedResource | Creation

/** In milliseconds since the epoch. `Infinity`: never, since it was made; undefined: it was made so, or nothing is known of it. */
export function timeOf(store: string, key: Arg, owned: Owned | undefined): number | undefined {
  const since = sinceMade(store, key)?.expires
  if (since !== undefined || !owned) return since
  return 'at' in owned ? owned.expires : owned.removal && 'args' in owned.removal ? expiresIn(owned.removal) : undefined
}

/** As a record says it. */
export const finite = (time: number | undefined): number | undefined =>
  time === Number.POSITIVE_INFINITY ? undefined : time

export const earlier = (a = Number.POSITIVE_INFINITY, b = Number.POSITIVE_INFINITY): number => Math.min(a, b)
