/** Waits for a file that others write to, without keeping this process from its own work. */
import { clock, DustpanError } from '@dustpan/core/driver'
import type { OpenStore } from '../removal/connection.ts'
import { isBusy } from '../removal/outcomes.ts'
import { transact } from '../removal/transact.ts'

/** How long others' transactions are waited for: at one go, between two goes, and in all. */
const goMs = 20
const pauseMs = 10
const patienceMs = 2000

/** One transaction that may write. @throws DustpanError `DUSTPAN_STORE_UNREACHABLE` when the file was never free. */
export function writing<T>(open: OpenStore, deadline: number, signal: AbortSignal, run: () => T): Promise<T> {
  return whenFree(deadline, signal, () => transact(open, Math.min(deadline, clock.now() + goMs), run))
}

export async function whenFree<T>(deadline: number, signal: AbortSignal, run: () => T): Promise<T> {
  const until = Math.min(deadline, clock.now() + patienceMs)
  for (;;) {
    try {
      return run()
    } catch (error) {
      if (!isBusy(error)) throw error
      if (clock.now() >= until) throw neverFree(error)
    }
    await clock.sleep(pauseMs, signal)
  }
}

function neverFree(cause: unknown): DustpanError {
  const message = 'The file is locked by a transaction of somebody else, or of this process'
  return new DustpanError('DUSTPAN_STORE_UNREACHABLE', message, { cause, hint: 'Nothing was changed.' })
}
