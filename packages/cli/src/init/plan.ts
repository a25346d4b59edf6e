/** What `init` would do: nothing is written here. */
import { DustpanError } from '@dustpan/core'
import { configFile, newConfigFile } from '../project/config-file.ts'
import { originOf } from '../project/origin.ts'
import { installCommand, packageManagerOf } from '../project/package-manager.ts'
import type { Project } from '../project/project.ts'
import type { ByHand, Change, Runner, Wiring } from '../project/runner.ts'
import { runnersIn } from '../project/runners.ts'
import { type FoundStore, isInDotenv, storesIn } from '../project/stores.ts'
import { configText } from './config-text.ts'
import { ignoreLedger } from './git-ignore.ts'

export interface InitPlan {
  readonly folder: string
  readonly runners: readonly Runner[]
  readonly stores: readonly FoundStore[]
  /** One for each file. */
  readonly changes: readonly Change[]
  readonly byHand: readonly ByHand[]
  /** Packages that package.json does not name, and that are not there. */
  readonly missing: readonly string[]
  /** The command for them, and its arguments. */
  readonly install: readonly [command: string, ...args: string[]] | undefined
}

/** @throws DustpanError `DUSTPAN_NO_PROJECT` where there is no test runner. */
export function planInit(project: Project, environment: NodeJS.ProcessEnv): InitPlan {
  const runners = runnersIn(project)
  if (runners.length === 0) throw noRunner(project)
  const stores = storesIn(project, environment)
  const wirings = wireAll(project, runners)
  const own = [newConfig(project, stores, environment), ignoreLedger(project)].flatMap((change) => change ?? [])
  const needed = [
    '@dustpan/core',
    '@dustpan/cli',
    ...runners.map((runner) => runner.package),
    ...stores.map((store) => store.package),
  ]
  const missing = needed.filter((name) => !project.needs(name) && project.installed(name) === undefined)
  return {
    folder: project.folder,
    runners,
    stores,
    changes: merged([...own, ...wirings.flatMap(({ changes }) => changes)]),
    byHand: wirings.flatMap(({ byHand }) => byHand),
    missing,
    install:
      missing.length === 0 ? undefined : installCommand(packageManagerOf(project, environment), project, missing),
  }
}

/** Two of them may change one file: each sees what those before it did. */
function wireAll(project: Project, runners: readonly Runner[]): readonly Wiring[] {
  const written = new Map<string, string>()
  const now: Project = { ...project, read: (file) => written.get(file) ?? project.read(file) }
  return runners.map((runner) => {
    const wiring = runner.wiring(now)
    for (const { file, after } of wiring.changes) written.set(file, after)
    return wiring
  })
}

function merged(changes: readonly Change[]): readonly Change[] {
  const byFile = new Map<string, Change>()
  for (const change of changes) byFile.set(change.file, { ...change, ...beforeOf(byFile.get(change.file) ?? change) })
  return [...byFile.values()]
}

const beforeOf = ({ before }: Change): Pick<Change, 'before'> => (before === undefined ? {} : { before })

function newConfig(
  project: Project,
  stores: readonly FoundStore[],
  environment: NodeJS.ProcessEnv,
): Change | undefined {
  if (configFile(project) !== undefined) return undefined
  const after = configText({
    origin: originOf(project),
    stores,
    isInDotenv: (variable) => isInDotenv(project, variable),
    isSet: (variable) => Boolean(environment[variable]),
  })
  return { file: newConfigFile(project), after }
}

const noRunner = ({ folder }: Project): DustpanError =>
  new DustpanError(
    'DUSTPAN_NO_PROJECT',
    `No test runner was found in ${folder}: neither in its package.json, nor a configuration of one.`,
    {
      hint: 'Vitest, Jest, Playwright, Mocha and scripts with `node --test` are known. Install one first, or name the folder that has it: --cwd <folder>.',
    },
  )
