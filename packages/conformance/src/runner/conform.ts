/** Runs the cases under one version of a runner, and compares the results. */
import { isDeepStrictEqual } from 'node:util'
import { startApi } from '../api.ts'
import type { Server } from '../servers/index.ts'
import { answerWithNotes } from './application.ts'
import type { Alone, Case, Expected, Mode } from './case.ts'
import { cases } from './cases/index.ts'
import type { Dialect, Excuse, RunnerVersion } from './dialect.ts'
import { examine } from './excuse.ts'
import { createFixture, postgresSchema } from './fixture-project.ts'
import { cleanUp, type Invocation, invoke } from './invoke.ts'
import { type Observed, observe } from './observe.ts'

export type Outcome =
  | { readonly is: 'passed' }
  | { readonly is: 'excused'; readonly reason: string }
  | { readonly is: 'failed'; readonly expected: unknown; readonly actual: unknown; readonly output: string }

export interface Conformance {
  outcomeOf(one: Case): Promise<Outcome>
}

/** Cases without special set-up run in one invocation, when the first of them is requested. */
export function conformance(dialect: Dialect, version: RunnerVersion, postgres: Server): Conformance {
  const place: Place = { dialect, version, postgres }
  let together: Promise<Ran> | undefined
  const outcomes = new Map<Case, Promise<Outcome>>()
  const find = async (one: Case): Promise<Outcome> => {
    const excuse = excusesOf(place).find(({ cases }) => cases.includes(one.name))
    if (excuse) return examine(excuse, dialect, version)
    if (one.alone) return runAlone(one, one.alone, place)
    together ??= runTogether(place)
    return compare(one, await together)
  }
  return {
    outcomeOf(one) {
      const outcome = outcomes.get(one) ?? find(one)
      outcomes.set(one, outcome)
      return outcome
    },
  }
}

export interface Place {
  readonly dialect: Dialect
  readonly version: RunnerVersion
  readonly postgres: Server
}

interface Ran extends Invocation {
  readonly observe: (one: Case) => Observed
}

const excusesOf = ({ dialect, version }: Place): readonly Excuse[] => [...dialect.excuses, ...(version.excuses ?? [])]

function runTogether(place: Place): Promise<Ran> {
  const excusedCases = excusesOf(place).flatMap(({ cases }) => cases)
  const chosen = cases.filter(({ alone, name }) => !alone && !excusedCases.includes(name))
  return run(place, chosen, waysTo('default', place)[0] ?? [[]])
}

async function runAlone(one: Case, alone: Alone, place: Place): Promise<Outcome> {
  for (const invocations of waysTo(alone.mode ?? 'default', place)) {
    const outcome = compare(one, await run(place, [one], invocations, alone))
    if (outcome.is !== 'passed') return outcome
  }
  return { is: 'passed' }
}

/** The ways to run a mode: each is one invocation or, for shards, several. */
function waysTo(mode: Mode, { dialect, version }: Place): (readonly (readonly string[])[])[] {
  const ways = version.modes?.[mode] ?? dialect.modes[mode]
  if (!ways) throw new Error(`${dialect.name} has neither a way to, nor an excuse for: ${mode}`)
  return mode === 'shards' ? [ways] : ways.map((args) => [args])
}

async function run(
  { dialect, version, postgres }: Place,
  chosen: readonly Case[],
  invocations: readonly (readonly string[])[],
  { application, before, during, env: own = {} }: Alone = {},
): Promise<Ran> {
  await using api = await startApi()
  for (const { service } of chosen) service?.(api)
  const databaseUrl = await postgres.database(postgresSchema)
  const env = { API: api.url, DATABASE_URL: databaseUrl, ...own }
  await using project = await createFixture(dialect, version, chosen)
  if (application) await answerWithNotes(api, databaseUrl, project)
  await before?.(project, env)
  const ran: Invocation[] = []
  for (const args of invocations) ran.push(await invoke(project, args, env, api, during))
  const cleaned = await Promise.all(chosen.map((one) => cleanUp(one, project, env)))
  const observed = new Map<Case, Observed>()
  for (const one of chosen) observed.set(one, await observe(one, { folder: project.folder, databaseUrl, api }))
  return {
    exit: ran.map(({ exit }) => exit).find((exit) => exit !== 'passes') ?? 'passes',
    output: [...ran.map(({ output }) => output), ...cleaned].join('\n'),
    observe: (one) => observed.get(one) as Observed,
  }
}

function compare(one: Case, { exit, output, observe }: Ran): Outcome {
  const expected = complete(one)
  const says = expected.says.filter((text) => output.includes(text))
  const seen: Required<Expected> = { ...observe(one), exit, says }
  const different = (Object.keys(expected) as (keyof Expected)[]).filter(
    (key) => !isDeepStrictEqual(seen[key], expected[key]),
  )
  if (different.length === 0) return { is: 'passed' }
  const part = (all: Expected) => Object.fromEntries(different.map((key) => [key, all[key]]))
  return { is: 'failed', expected: part(expected), actual: part(seen), output }
}

function complete({ expected }: Case): Required<Expected> {
  const { ledger, left = [], exit = 'fails', runs = 1, intents = 0, sent = 'not at all', says = [] } = expected
  return { ledger: [...ledger].sort(), left: [...left].sort(), exit, runs, intents, sent, says }
}
