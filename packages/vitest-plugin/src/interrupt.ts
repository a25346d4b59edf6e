/** Ctrl-C: the running tests end, their data is cleaned up, and Vitest prints its summary. By itself Vitest exits within 15 ms. */
import { constants } from 'node:os'
import { endOnInterruption, type RunTicket } from '@dustpan/core/runner'
import type { Vitest } from 'vitest/node'

/** Takes the place of Vitest's own listener, which exits at once. Not in watch mode, where Vitest reads the keys. */
export function endGracefullyOnInterrupt(vitest: Vitest, ticket: () => RunTicket | undefined): void {
  if (vitest.config.watch) return
  const exit = process.listeners('exit') as unknown[]
  // Vitest registers one function for signals and exit: taken away before the signal, as emit copies the list of listeners.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    for (const listener of process.listeners(signal))
      if (exit.includes(listener)) process.removeListener(signal, listener)
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

/** In a fork: the terminal sends Ctrl-C to the whole group, and the worker must live to clean up. Vitest ends it. */
export function surviveInterrupt(): void {
  // By its name: in a vm pool each file has a copy of this module.
  if (process.send && !process.listeners('SIGINT').some(({ name }) => name === outliveInterrupt.name))
    process.on('SIGINT', outliveInterrupt)
}

function outliveInterrupt(): void {}
