/** Ctrl-C: the running tests end, their data is cleaned up, and Vitest prints its summary. By itself Vitest exits within 15 ms. */
import type { Vitest } from 'vitest/node'

/** Takes the place of Vitest's own listener, which exits at once; a second Ctrl-C does that. Not in watch mode, where Vitest reads the keys. */
export function endGracefullyOnInterrupt(vitest: Vitest): void {
  if (vitest.config.watch) return
  const exit = process.listeners('exit') as unknown[]
  // Vitest registers one function for signals and exit: taken away before the signal, as emit copies the list of listeners.
  for (const listener of process.listeners('SIGINT'))
    if (exit.includes(listener)) process.removeListener('SIGINT', listener)
  process.once('SIGINT', () => void interrupt(vitest))
}

async function interrupt(vitest: Vitest): Promise<void> {
  process.once('SIGINT', () => process.exit(130))
  vitest.logger.log('\nDustpan: interrupted, cleaning up. Ctrl-C again exits at once; what is left stays on record.')
  await vitest.cancelCurrentRun('keyboard-input')
  process.exitCode = 130
  await vitest.exit(true)
}

/** In a fork: the terminal sends Ctrl-C to the whole group, and the worker must live to clean up. Vitest ends it. */
export function surviveInterrupt(): void {
  // By its name: in a vm pool each file has a copy of this module.
  if (process.send && !process.listeners('SIGINT').some(({ name }) => name === outliveInterrupt.name))
    process.on('SIGINT', outliveInterrupt)
}

function outliveInterrupt(): void {}
