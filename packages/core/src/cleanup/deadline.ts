/** Work that is given up at a deadline: a store may answer late, or never. */
import { clock } from '../clock/clock.ts'

export const late = Symbol('late')

/** The signal is aborted at the deadline (milliseconds since the epoch), and what the work does then counts no more. */
export async function untilDeadline<T>(
  deadline: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | typeof late> {
  const left = Math.min(deadline - clock.now(), longest)
  if (left <= 0) return late
  const controller = new AbortController()
  const { promise, resolve } = Promise.withResolvers<typeof late>()
  const timer = clock.setTimeout(() => {
    controller.abort(new Error('Cleanup ran out of time (cleanup.timeout).'))
    resolve(late)
  }, left)
  try {
    return await Promise.race([work(controller.signal), promise])
  } finally {
    clock.clearTimeout(timer)
  }
}

/** Timers cannot wait longer. */
const longest = 2 ** 31 - 1
