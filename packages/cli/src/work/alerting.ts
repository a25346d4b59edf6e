/** Sends alerts about resources that jobs could not remove. */
import type { CarryOut, Settings } from '@dustpan/core/ledger'
import { alert } from '../alert.ts'
import type { Call } from '../commands.ts'
import { type Done, isFine, worker } from './carry-out.ts'

/** Failed jobs are retried and a cause may persist, so each cause is reported once a day. */
const repeatMs = 24 * 60 * 60_000

export function alertingWorker(
  call: Call,
  settings: Settings,
  stop: AbortSignal,
  report: (done: Done) => void,
): CarryOut {
  const reportedAt = new Map<string, number>()
  const isNews = (cause: string) => {
    if (Date.now() - (reportedAt.get(cause) ?? Number.NEGATIVE_INFINITY) < repeatMs) return false
    reportedAt.set(cause, Date.now())
    return true
  }
  return async (job) => {
    const left: Done[] = []
    const carryOut = worker(settings, stop, (done) => {
      if (!isFine(done)) left.push(done)
      report(done)
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
