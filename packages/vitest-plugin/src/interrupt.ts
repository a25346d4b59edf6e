/** Ctrl-C: ends the running tests, cleans up and lets Vitest print its summary. Without Dustpan, Vitest exits within 15 ms. */
import { constants } from 'node:os'
import { endOnInterruption, type RunTicket } from '@dustpan/core/runner'
import type { Vitest } from 'vitest/node'

/** Replaces Vitest's own listener, which exits at once. Not in watch mode, where Vitest reads the keyboard. */
export function endGracefullyOnInterrupt(vitest: Vitest, ticket: () => RunTicket | undefined): void {
  if (vitest.config.watch) return
  const exitListeners = process.listeners('exit') as unknown[]
  // Vitest registers the same function for signals and for exit. It is removed before a signal arrives, as emit copies
  // the listeners.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    for (const listener of process.listeners(signal))
      if (exitListeners.includes(listener)) process.removeListener(signal, listener)
  endOnInterruption({
    ticket,
    end: (signal) => interrupt(vitest, signal),
    print: (text) => vitest.logger.log(text),
  })
}

async function interrupt(vitest: Vitest, signal: NodeJS.Signals): Promise<void> {
  await vitest.cancelCurrentRun('keyboard-input')
  process.exitCode = 128 + constants.signals[signal]
  await vitest.exit(true)
}

/** In a fork: the terminal sends Ctrl-C to the whole process group, and the worker must survive to clean up. Vitest ends it. */
export function surviveInterrupt(): void {
  // Compared by name: in a vm pool each file has its own copy of this module.
  if (process.send && !process.listeners('SIGINT').some(({ name }) => name === ignoreInterrupt.name))
    process.on('SIGINT', ignoreInterrupt)
}

function ignoreInterrupt(): void {}
