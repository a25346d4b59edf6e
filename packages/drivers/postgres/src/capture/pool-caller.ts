/** Whose call of a pool a client's query is: the pool sends it when it has a client, where the stack no longer leads to the user's line. */
import type { Begin } from './announce.ts'

/** While the pool does what the user called, and while it sends. */
let caller: Begin | undefined

export const poolCaller = (): Begin | undefined => caller

export function asCaller<T>(begin: Begin | undefined, fn: () => T): T {
  const before = caller
  caller = begin
  try {
    return fn()
  } finally {
    caller = before
  }
}

/** What a pool calls when it has a client, for whoever asks it now. */
export function throughPool<F extends (...args: never[]) => unknown>(callback: F): F {
  const begin = caller
  return (begin === undefined ? callback : (...args: never[]) => asCaller(begin, () => callback(...args))) as F
}
