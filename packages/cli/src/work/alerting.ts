/** Alerts of what jobs could not remove. */
import type { CarryOut, Settings } from '@dustpan/core/ledger'
import { alert } from '../alert.ts'
import type { Call } from '../commands.ts'
import { type Done, isFine, worker } from './carry-out.ts'

/** A job that fails is tried again, and a cause may stay: it is told once a day. */
const againMs = 24 * 60 * 60_000

export function alertingWorker(
  call: Call,
  settings: Settings,
  stop: AbortSignal,
  tell: (done: Done) => void,
): CarryOut {
  const told = new Map<string, number>()
  const isNews = (cause: string) => {
    if (Date.now() - (told.get(cause) ?? Number.NEGATIVE_INFINITY) < againMs) return false
    told.set(cause, Date.now())
    return true
  }
  return async (job) => {
    const left: Done[] = []
    const carryOut = worker(settings, stop, (done) => {
      if (!isFine(done)) left.push(done)
      tell(done)
    })
    try {
      await carryOut(job)
    } finally {
      await alert(call, settings, {
        runs: left.map(({ run }) => run),
        resources: left.flatMap(({ found }) => found),
        failed: left.flatMap(({ run, error }) => (error ? [{ run, error }] : [])),
        isNews: ({ code, store, types }) => isNews([code, store, ...Object.keys(types)].join('\n')),
      })
    }
  }
}
