/**
 * Remembers the caller of a pool for the queries of its client: the pool sends them when it has a client, where the stack
 * no longer leads to the user's line.
 */
import type { Begin } from './announce.ts'

/** Set while the pool runs the user's call, and while it sends the query. */
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

/** Wraps the callback that a pool calls when it has a client, to keep the current caller. */
export function throughPool<F extends (...args: never[]) => unknown>(callback: F): F {
  const begin = caller
  return (begin === undefined ? callback : (...args: never[]) => asCaller(begin, () => callback(...args))) as F
}
