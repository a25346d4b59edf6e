/** Counts Ctrl-C and other signals that tell a process to end. */
import { countRepeaters } from './repeaters.ts'

export interface Interruptions extends Disposable {
  /** The number of interruptions so far. */
  readonly count: number
}

export interface InterruptionOptions {
  /** @default SIGINT and SIGTERM */
  readonly signals?: readonly NodeJS.Signals[]
  /** Further signals that a parent process is known to send at each Ctrl-C. @default [] */
  readonly echoes?: readonly NodeJS.Signals[]
}

/** Until disposed, the signals only call `act`. A Ctrl-C that other processes repeat counts once. */
export function onInterruption(
  act: (count: number, signal: NodeJS.Signals) => void,
  { signals = ['SIGINT', 'SIGTERM'], echoes = [] }: InterruptionOptions = {},
): Interruptions {
  let count = 0
  let expected: NodeJS.Signals[] = []
  const listener = (signal: NodeJS.Signals) => {
    const echo = expected.indexOf(signal)
    if (echo >= 0) return void expected.splice(echo, 1)
    expected = echoesOf(signal, echoes)
    act(++count, signal)
  }
  for (const signal of signals) process.on(signal, listener)
  return {
    get count() {
      return count
    },
    [Symbol.dispose]() {
      for (const signal of signals) process.removeListener(signal, listener)
    },
  }
}

/**
 * The repetitions to ignore, by number: a signal has no sender, and an echo may come at any time. If a parent process does not repeat
 * a signal although it could, the next Ctrl-C is taken for the echo, and the one after it counts.
 */
function echoesOf(signal: NodeJS.Signals, echoes: readonly NodeJS.Signals[]): NodeJS.Signals[] {
  const repeaters = countRepeaters()
  const repeat = <T>(one: T): T[] => Array.from({ length: repeaters }, () => one)
  return [...repeat(signal), ...echoes, ...repeat(echoes).flat()]
}
