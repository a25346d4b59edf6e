/**
 * Cleans up on Ctrl-C, and on the SIGTERM that an ending `node --test` sends to its files. Without Dustpan, both exit Node at
 * once.
 */
import { endOnInterruption } from '@dustpan/core/begin'
import type { RunTicket } from '@dustpan/core/worker'

const signals = ['SIGINT', 'SIGTERM'] as const

type Listeners = ReadonlyMap<NodeJS.Signals, readonly NodeJS.SignalsListener[]>

/** The first signal cleans up before it takes its normal effect; the second takes effect at once. */
export function cleanUpOnSignals(ticket: RunTicket, cleanUp: () => Promise<void>): void {
  const others = new Map(signals.map((signal) => [signal, process.listeners(signal)]))
  for (const signal of signals) process.removeAllListeners(signal)
  const isOneOfSeveral = process.env.NODE_TEST_CONTEXT !== undefined
  endOnInterruption({
    ticket: () => ticket,
    end: cleanUp,
    exit: (signal) => end(signal, others),
    // `node --test` sends SIGTERM after the terminal's SIGINT, and its reporter prints what all files left behind.
    ...(isOneOfSeveral ? { echoes: ['SIGTERM'] } : { print: (text) => process.stderr.write(`${text}\n`) }),
  })
}

/** Restores the other listeners: without isolation Node has its own, which prints the summary and exits. */
function end(signal: NodeJS.Signals, others: Listeners): void {
  process.removeAllListeners(signal)
  for (const listener of others.get(signal) ?? []) process.on(signal, listener)
  process.kill(process.pid, signal)
}
