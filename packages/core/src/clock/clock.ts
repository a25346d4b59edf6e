/** Time, timers and randomness, captured when Dustpan loads, before a test can fake them. */
import { randomInt } from 'node:crypto'
import timers from 'node:timers'

/** From Node's own module: in a simulated browser (jsdom), the globals may be the page's. */
const { setTimeout: realSetTimeout, clearTimeout: realClearTimeout, setImmediate: realSetImmediate } = timers
const { Date: RealDate, performance } = globalThis
const now = RealDate.now.bind(RealDate)
const monotonic = performance.now.bind(performance)

export const clock = {
  /** Milliseconds since the epoch. */
  now,
  /** Milliseconds from an arbitrary start; never goes back. */
  monotonic,
  setTimeout: realSetTimeout,
  clearTimeout: realClearTimeout,
  /** The ISO date of the given milliseconds since the epoch. @default now */
  iso(at: number = now()): string {
    return new RealDate(at).toISOString()
  },
  /** Waits `ms` milliseconds; rejects with the signal's reason as soon as it is aborted. */
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
  /** Waits until pending I/O has been delivered to its callbacks, but not for timers. */
  turn: (): Promise<void> => new Promise((resolve) => realSetImmediate(resolve)),
  /** A random string of lower-case letters and digits. */
  random(length: number): string {
    return Array.from({ length }, () => randomInt(36).toString(36)).join('')
  },
}
