/** Ctrl-C ends a run: the first in order, and within a budget; the second at once; the third without a word. */
import { constants } from 'node:os'
import { clock } from '../clock/clock.ts'
import type { RunTicket } from '../tracking/run-ticket.ts'
import { momentOfRest } from './going-on.ts'
import { type InterruptionOptions, onInterruption } from './interruption.ts'

export interface InterruptibleRun extends InterruptionOptions {
  /** The run that is under way. Undefined: none is. */
  ticket(): RunTicket | undefined
  /** Ends it in order: what is open is cleaned up, and told. Absent: the runner does so, and then ends the process. */
  end?(signal: NodeJS.Signals): Promise<unknown>
  /** Absent: another process of the run tells what is to be told, and ends its workers. */
  print?(text: string): void
  /** @default exits as a shell says it: 130 after Ctrl-C */
  exit?(signal: NodeJS.Signals): void
}

/** By itself the process does not die of these signals any more, until this is disposed. */
export function endOnInterruption(run: InterruptibleRun): Disposable {
  const { end, print, exit = exitAs } = run
  let first: NodeJS.Signals = 'SIGINT'
  let timer: NodeJS.Timeout | undefined
  let leaving: Promise<() => string> | undefined
  const leave = () => exit(first)
  const stop = async () => {
    const text = await leaving?.then((left) => left())
    if (text) print?.(text)
    leave()
  }
  const begin = () => {
    const ticket = run.ticket()
    if (ticket) timer = clock.setTimeout(() => void stop(), ticket.settings.cleanup.interruptTimeoutMs).unref()
    if (ticket && print) {
      print(notice(ticket.settings.cleanup.interruptTimeoutMs))
      leaving = import('./left.ts').then(({ readyToLeave }) => readyToLeave(ticket)).catch(() => () => '')
    }
    void end?.(first)
      .then(() => momentOfRest())
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
