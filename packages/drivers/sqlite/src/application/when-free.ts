/** Waits for a file that others write to, without blocking this process. */
import { clock, DustpanError } from '@dustpan/core/driver'
import type { OpenStore } from '../removal/connection.ts'
import { isBusy } from '../removal/outcomes.ts'
import { transact } from '../removal/transact.ts'

/** How long to wait for other transactions: per attempt, between attempts, and in total. */
const attemptMs = 20
const pauseMs = 10
const maxWaitMs = 2000

/** Runs one transaction that may write. @throws DustpanError `DUSTPAN_STORE_UNREACHABLE` if the file never became free. */
export function writing<T>(open: OpenStore, deadline: number, signal: AbortSignal, run: () => T): Promise<T> {
  return whenFree(deadline, signal, () => transact(open, Math.min(deadline, clock.now() + attemptMs), run))
}

export async function whenFree<T>(deadline: number, signal: AbortSignal, run: () => T): Promise<T> {
  const until = Math.min(deadline, clock.now() + maxWaitMs)
  for (;;) {
    try {
      return run()
    } catch (error) {
      if (!isBusy(error)) throw error
      if (clock.now() >= until) throw lockedError(error)
    }
    await clock.sleep(pauseMs, signal)
  }
}

function lockedError(cause: unknown): DustpanError {
  const message = 'The file is locked by a transaction of somebody else, or of this process'
  return new DustpanError('DUSTPAN_STORE_UNREACHABLE', message, { cause, hint: 'Nothing was changed.' })
}
