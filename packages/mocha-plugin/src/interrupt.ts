/** Ctrl-C: cleans up what is open and reports it. Without Dustpan, Mocha exits within 10 ms. */
import { endOnInterruption, onInterruption } from '@dustpan/core/begin'
import type { RunTicket } from '@dustpan/core/worker'

let interrupted = false

/** After Ctrl-C, a promise that never settles: hooks return it, so that no further test begins. */
export const blockIfInterrupted = (): Promise<never> | undefined => (interrupted ? new Promise(() => {}) : undefined)

/** With options for Node, Mocha runs as a child of another Mocha, which repeats the signal and later also sends SIGTERM. */
const isBelowMocha = /[\\/]lib[\\/]cli[\\/]cli\.[cm]?js$/

/** In the main process. */
export function endInOrder(ticket: RunTicket, end: () => Promise<unknown>): Disposable {
  return endOnInterruption({
    ticket: () => ticket,
    echoes: isBelowMocha.test(process.argv[1] ?? '') ? ['SIGINT', 'SIGTERM'] : [],
    end() {
      interrupted = true
      return end()
    },
    // Standard output belongs to the reporter: it may be JSON.
    print: (text) => process.stderr.write(`${text}\n`),
  })
}

/**
 * In a parallel worker: the terminal signals the whole process group, the main process repeats the signal and waits for the
 * exit.
 */
export function endOnSignal(end: () => Promise<unknown>): void {
  const exit = () => process.exit(130)
  onInterruption(
    (count) => {
      interrupted = true
      if (count === 1) void end().finally(exit)
    },
    { signals: ['SIGINT'] },
  )
}
