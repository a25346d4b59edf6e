/** Ctrl-C: what is open is cleaned up, and told. By itself Mocha dies within 10 ms. */
import { endOnInterruption, onInterruption } from '@dustpan/core/begin'
import type { RunTicket } from '@dustpan/core/worker'

let interrupted = false

/** For hooks: once the process is about to end, nothing new begins. */
export const untilTheEnd = (): Promise<never> | undefined => (interrupted ? new Promise(() => {}) : undefined)

/** With options for Node, Mocha runs below another Mocha, which repeats the signal, and sends SIGTERM too, as late as it may be. */
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
    // Standard output is the reporter's: it may be JSON.
    print: (text) => process.stderr.write(`${text}\n`),
  })
}

/** In a parallel worker: the terminal signals the whole group, the main process repeats it and waits for the exit. */
export function endWhenTold(end: () => Promise<unknown>): void {
  const exit = () => process.exit(130)
  onInterruption(
    (count) => {
      interrupted = true
      if (count === 1) void end().finally(exit)
    },
    { signals: ['SIGINT'] },
  )
}
