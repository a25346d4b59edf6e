/** Plans each round, from the seed alone. */
import { type Random, random } from './random.ts'

export const phases = ['runner', 'worker', 'reaper', 'ledger write', 'removal'] as const
export type Phase = (typeof phases)[number]

/** When, where and how a process is killed, by `strike.mjs`. */
export interface Kill {
  readonly role: 'main' | 'worker' | 'reaper' | 'cli'
  /**
   * `create`, `removal`: a request or statement is sent; `ledger`: a line is written; `start`, `orphaned`: events of the reaper
   * itself.
   */
  readonly event: 'create' | 'removal' | 'ledger' | 'start' | 'orphaned'
  /** Which of the events, counted per process. */
  readonly nth: number
  readonly signal: 'SIGKILL' | 'SIGTERM' | 'SIGINT'
  /** Signals the main process with its whole process group, as a terminal or CI system does. */
  readonly group: boolean
  /** If negative, before the event; otherwise this long after it. */
  readonly delayMs: number
  /** The fraction of the line that is written. */
  readonly share: number
  /** If the reaper or the command line is to be killed: the create at which the main process dies before. */
  readonly dieFirstAt?: number
}

export interface Round {
  readonly number: number
  readonly phase: Phase
  /** Index of the runner. */
  readonly runner: number
  /** Index of the runner's way to be started. */
  readonly mode: number
  readonly kill: Kill
}

/** Uses each phase and each runner equally often. */
export function schedule(seed: number, kills: number, runners: number): Round[] {
  const numbers = random(seed)
  const combinations = phases.flatMap((phase) => Array.from({ length: runners }, (_, runner) => ({ phase, runner })))
  const all: Round[] = []
  while (all.length < kills) {
    for (const { phase, runner } of numbers.shuffled(combinations)) {
      all.push({ number: all.length, phase, runner, mode: numbers.whole(0, 99), kill: killOf[phase](numbers) })
    }
  }
  return all.slice(0, kills)
}

const killOf: Readonly<Record<Phase, (numbers: Random) => Kill>> = {
  runner: (numbers) => ({
    ...moment(numbers),
    role: 'main',
    signal: randomSignal(numbers),
    group: numbers.share() < 0.5,
  }),
  worker: (numbers) => ({ ...moment(numbers), role: 'worker', signal: randomSignal(numbers), group: false }),
  reaper: (numbers) => ({
    ...moment(numbers),
    ...numbers.one([
      { event: 'start', delayMs: numbers.whole(0, 1500) } as const,
      { event: 'orphaned', delayMs: numbers.whole(0, 600) } as const,
      { event: 'orphaned', delayMs: numbers.whole(0, 600) } as const,
    ]),
    ...{
      role: 'reaper',
      signal: randomSignal(numbers),
      group: numbers.share() < 0.5,
      dieFirstAt: numbers.whole(3, 9),
    },
  }),
  'ledger write': (numbers) => ({
    ...moment(numbers),
    ...randomRole(numbers),
    ...{ event: 'ledger', nth: numbers.whole(1, 12), share: numbers.share() },
  }),
  removal: (numbers) => ({
    ...moment(numbers),
    ...randomRole(numbers),
    ...{ event: 'removal', nth: numbers.whole(1, 5), delayMs: numbers.whole(-1, 8) },
  }),
}

/** Not before twenty resources exist. */
const moment = (numbers: Random): Kill => ({
  ...{ role: 'worker', event: 'create', nth: numbers.whole(3, 12), signal: 'SIGKILL', group: false },
  ...{ delayMs: numbers.whole(-1, 60), share: 0 },
})

/** Surviving workers would leave nothing to recover. */
function randomRole(numbers: Random): Pick<Kill, 'role' | 'group' | 'signal' | 'dieFirstAt'> {
  const role = numbers.one(['worker', 'worker', 'reaper', 'cli'] as const)
  const signal = numbers.share() < 0.5 ? 'SIGKILL' : randomSignal(numbers)
  return role === 'worker'
    ? { role, group: false, signal }
    : { role, group: true, signal, dieFirstAt: numbers.whole(4, 9) }
}

/** Also SIGINT to a single worker: a terminal signals all, but a container or a person's `kill -INT` may not. */
const randomSignal = (numbers: Random): Kill['signal'] => numbers.one(['SIGKILL', 'SIGKILL', 'SIGTERM', 'SIGINT'])
