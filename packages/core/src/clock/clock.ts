/**
 * Time, timers and randomness as they were when Dustpan was loaded, before a test could fake them.
 */
import { randomInt } from 'node:crypto'
import timers from 'node:timers'

/** Node's own: where a page is imitated, the global ones may be the page's. */
const { setTimeout: realSetTimeout, clearTimeout: realClearTimeout, setImmediate: realSetImmediate } = timers
const { Date: RealDate, performance } = globalThis
const now = RealDate.now.bind(RealDate)
const monotonic = performance.now.bind(performance)

export const clock = {
  /** Milliseconds since the epoch. */
  now,
  /** Milliseconds from an arbitrary start, never going back. */
  monotonic,
  setTimeout: realSetTimeout,
  clearTimeout: realClearTimeout,
  /** An ISO date of the given milliseconds, or of now. */
  iso(at: number = now()): string {
    return new RealDate(at).toISOString()
  },
  /** Waits, or rejects with the signal's reason as soon as it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const timer = clock.setTimeout(() => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }, ms)
      const onAbort = () => {
        clock.clearTimeout(timer)
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  },
  /** Waits until what has come in meanwhile was given to whoever waits for it, and before timers go off. */
  turn: (): Promise<void> => new Promise((resolve) => realSetImmediate(resolve)),
  /** Lower-case letters and digits. */
  random(length: number): string {
    return Array.from({ length }, () => randomInt(36).toString(36)).join('')
  },
}
