/** Ctrl-C, and what else tells a process to end, counted. */
import { countRepeaters } from './repeaters.ts'

export interface Interruptions extends Disposable {
  /** How often so far. */
  readonly count: number
}

export interface InterruptionOptions {
  /** @default SIGINT and SIGTERM */
  readonly signals?: readonly NodeJS.Signals[]
  /** What the process above is known to send besides at each Ctrl-C. @default [] */
  readonly echoes?: readonly NodeJS.Signals[]
}

/** Until disposed, the signals do nothing but this. What other processes repeat of one Ctrl-C counts once. */
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
 * By their number, as nothing says who has sent a signal, and nobody how late an echo may be. Should a process above not repeat what it
 * may, the next Ctrl-C is taken for that, and the one after it counts.
 */
function echoesOf(signal: NodeJS.Signals, echoes: readonly NodeJS.Signals[]): NodeJS.Signals[] {
  const repeaters = countRepeaters()
  const repeat = <T>(one: T): T[] => Array.from({ length: repeaters }, () => one)
  return [...repeat(signal), ...echoes, ...repeat(echoes).flat()]
}
