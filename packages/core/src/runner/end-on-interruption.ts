/** Ctrl-C ends a run: the first one in order, within a time limit; the second one at once; the third one without output. */
import { constants } from 'node:os'
import { clock } from '../clock/clock.ts'
import type { RunTicket } from '../tracking/run-ticket.ts'
import { untilIdle } from './interrupted-tests.ts'
import { type InterruptionOptions, onInterruption } from './interruption.ts'

export interface InterruptibleRun extends InterruptionOptions {
  /** The current run; undefined if there is none. */
  ticket(): RunTicket | undefined
  /** Ends it in order: cleans up, and prints the report. Absent: the runner does that, and then ends the process. */
  end?(signal: NodeJS.Signals): Promise<unknown>
  /** Absent: another process of the run prints the report, and ends the workers. */
  print?(text: string): void
  /** @default exits as shells expect: 130 after Ctrl-C */
  exit?(signal: NodeJS.Signals): void
}

/** Until disposed, these signals do not end the process by themselves. */
export function endOnInterruption(run: InterruptibleRun): Disposable {
  const { end, print, exit = exitAs } = run
  let first: NodeJS.Signals = 'SIGINT'
  let timer: NodeJS.Timeout | undefined
  let reportLeft: Promise<() => string> | undefined
  const leave = () => exit(first)
  const stop = async () => {
    const text = await reportLeft?.then((report) => report())
    if (text) print?.(text)
    leave()
  }
  const begin = () => {
    const ticket = run.ticket()
    if (ticket) timer = clock.setTimeout(() => void stop(), ticket.settings.cleanup.interruptTimeoutMs).unref()
    if (ticket && print) {
      print(notice(ticket.settings.cleanup.interruptTimeoutMs))
      reportLeft = import('./left.ts').then(({ readyToLeave }) => readyToLeave(ticket)).catch(() => () => '')
    }
    void end?.(first)
      .then(() => untilIdle())
      .then(leave, leave)
  }
  const steps = [begin, () => void stop(), leave]
  const interruptions = onInterruption((count, signal) => {
    if (count === 1) first = signal
    steps[Math.min(count, steps.length) - 1]?.()
  }, run)
  return {
    [Symbol.dispose]() {
      clock.clearTimeout(timer)
      interruptions[Symbol.dispose]()
    },
  }
}

const exitAs = (signal: NodeJS.Signals): never => process.exit(128 + constants.signals[signal])

const notice = (ms: number): string =>
  `\nDustpan: interrupted, cleaning up for ${ms / 1000} s at most. Press Ctrl-C again to stop; what is left stays on record.`
