/** Gives up on work at a deadline: a store may answer late, or never. */
import { clock } from '../clock/clock.ts'

export const late = Symbol('late')

/** Aborts the signal at the deadline (milliseconds since the epoch) and returns `late`; the work's own result is then ignored. */
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

/** The longest delay that timers support. */
const longest = 2 ** 31 - 1
