/** What happens in each round, from the seed alone. */
import { type Random, random } from './random.ts'

export const phases = ['runner', 'worker', 'reaper', 'ledger write', 'removal'] as const
export type Phase = (typeof phases)[number]

/** When, where and how a process dies. `strike.mjs` carries it out. */
export interface Kill {
  readonly role: 'main' | 'worker' | 'reaper' | 'cli'
  /** `create`, `removal`: a request or statement is sent; `ledger`: a line is written; `start`, `orphaned`: the reaper's own life. */
  readonly event: 'create' | 'removal' | 'ledger' | 'start' | 'orphaned'
  /** In one process. */
  readonly nth: number
  readonly signal: 'SIGKILL' | 'SIGTERM' | 'SIGINT'
  /** The main process with all that it started, as a terminal and a CI system do it. */
  readonly group: boolean
  /** Before it is sent if negative, else so long after. */
  readonly delayMs: number
  /** How much of the line is written. */
  readonly share: number
  /** Where it is the turn of the reaper, or the command line: at which create the main process dies. */
  readonly dieFirstAt?: number
}

export interface Round {
  readonly number: number
  readonly phase: Phase
  /** By its place among the runners. */
  readonly runner: number
  /** By its place among the runner's ways of being started. */
  readonly mode: number
  readonly kill: Kill
}

/** Each phase equally often, each runner too. */
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
    signal: anySignal(numbers),
    group: numbers.share() < 0.5,
  }),
  worker: (numbers) => ({ ...moment(numbers), role: 'worker', signal: anySignal(numbers), group: false }),
  reaper: (numbers) => ({
    ...moment(numbers),
    ...numbers.one([
      { event: 'start', delayMs: numbers.whole(0, 1500) } as const,
      { event: 'orphaned', delayMs: numbers.whole(0, 600) } as const,
      { event: 'orphaned', delayMs: numbers.whole(0, 600) } as const,
    ]),
    ...{
      role: 'reaper',
      signal: anySignal(numbers),
      group: numbers.share() < 0.5,
      dieFirstAt: numbers.whole(3, 9),
    },
  }),
  'ledger write': (numbers) => ({
    ...moment(numbers),
    ...someRole(numbers),
    ...{ event: 'ledger', nth: numbers.whole(1, 12), share: numbers.share() },
  }),
  removal: (numbers) => ({
    ...moment(numbers),
    ...someRole(numbers),
    ...{ event: 'removal', nth: numbers.whole(1, 5), delayMs: numbers.whole(-1, 8) },
  }),
}

/** Not before twenty things are there. */
const moment = (numbers: Random): Kill => ({
  ...{ role: 'worker', event: 'create', nth: numbers.whole(3, 12), signal: 'SIGKILL', group: false },
  ...{ delayMs: numbers.whole(-1, 60), share: 0 },
})

/** Workers that lived on would leave nothing to the others. */
function someRole(numbers: Random): Pick<Kill, 'role' | 'group' | 'signal' | 'dieFirstAt'> {
  const role = numbers.one(['worker', 'worker', 'reaper', 'cli'] as const)
  const signal = numbers.share() < 0.5 ? 'SIGKILL' : anySignal(numbers)
  return role === 'worker'
    ? { role, group: false, signal }
    : { role, group: true, signal, dieFirstAt: numbers.whole(4, 9) }
}

/** Also SIGINT to a worker alone: a terminal sends it to all, but a container's or a person's `kill -INT` need not. */
const anySignal = (numbers: Random): Kill['signal'] => numbers.one(['SIGKILL', 'SIGKILL', 'SIGTERM', 'SIGINT'])
