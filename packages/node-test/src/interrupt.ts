/** Ctrl-C, and the end that `node --test` makes of a file when it ends itself. By itself Node dies of either at once. */
import { endOnInterruption } from '@dustpan/core/begin'
import type { RunTicket } from '@dustpan/core/worker'

const signals = ['SIGINT', 'SIGTERM'] as const

type Listeners = ReadonlyMap<NodeJS.Signals, readonly NodeJS.SignalsListener[]>

/** The first signal cleans up, and then does what it would have done; the second one does that at once. */
export function cleanUpOnSignals(ticket: RunTicket, cleanUp: () => Promise<void>): void {
  const others = new Map(signals.map((signal) => [signal, process.listeners(signal)]))
  for (const signal of signals) process.removeAllListeners(signal)
  const isOneOfSeveral = process.env.NODE_TEST_CONTEXT !== undefined
  endOnInterruption({
    ticket: () => ticket,
    end: cleanUp,
    exit: (signal) => end(signal, others),
    // `node --test` sends a SIGTERM after the SIGINT that all get from the terminal, and its reporter tells what is left of them all.
    ...(isOneOfSeveral ? { echoes: ['SIGTERM'] } : { print: (text) => process.stderr.write(`${text}\n`) }),
  })
}

/** Without isolation Node has a listener of its own, which prints the summary and exits. */
function end(signal: NodeJS.Signals, others: Listeners): void {
  process.removeAllListeners(signal)
  for (const listener of others.get(signal) ?? []) process.on(signal, listener)
  process.kill(process.pid, signal)
}
