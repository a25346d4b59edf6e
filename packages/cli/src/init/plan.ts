/** Plans what `init` changes, without writing anything. */
import { relative } from 'node:path'
import { DustpanError } from '@dustpan/core'
import { configFile, newConfigFile } from '../project/config-file.ts'
import { ignoreLedger } from '../project/git-ignore.ts'
import { originOf } from '../project/origin.ts'
import { installCommand, packageManagerOf } from '../project/package-manager.ts'
import type { Project } from '../project/project.ts'
import type { ByHand, Change, Runner, Wiring } from '../project/runner.ts'
import { runnersIn } from '../project/runners.ts'
import { driverCode, type FoundStore, isInDotenv, storesIn } from '../project/stores.ts'
import { type Uncaptured, uncapturedIn } from '../project/uncaptured.ts'
import { type UntrackedPackage, untrackedPackages } from '../project/workspace.ts'
import { configText } from './config-text.ts'

export interface InitPlan {
  readonly folder: string
  readonly runners: readonly Runner[]
  readonly stores: readonly FoundStore[]
  /** Packages through which tests create what is not tracked. */
  readonly uncaptured: readonly Uncaptured[]
  /** One per file. */
  readonly changes: readonly Change[]
  readonly byHand: readonly ByHand[]
  /** Packages of the workspace that must be set up separately. */
  readonly packages: readonly UntrackedPackage[]
  /** Required packages that are neither in package.json nor installed. */
  readonly missing: readonly string[]
  /** The command that installs the missing packages, with its arguments. */
  readonly install: readonly [command: string, ...args: string[]] | undefined
}

/**
 * @param drivers the packages of the configured drivers
 * @throws DustpanError `DUSTPAN_NO_PROJECT` when there is no test runner.
 */
export function planInit(project: Project, environment: NodeJS.ProcessEnv, drivers: readonly string[]): InitPlan {
  const runners = runnersIn(project)
  const packages = untrackedPackages(project)
  if (runners.length === 0) throw noRunner(project, packages)
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
    uncaptured: uncapturedIn(project),
    changes: merged([...own, ...wirings.flatMap(({ changes }) => changes)]),
    byHand: [...withoutDriver(project, stores, drivers), ...wirings.flatMap(({ byHand }) => byHand)],
    packages,
    missing,
    install:
      missing.length === 0 ? undefined : installCommand(packageManagerOf(project, environment), project, missing),
  }
}

/** Runners may change the same file, so each sees the changes of those before it. */
function wireAll(project: Project, runners: readonly Runner[]): readonly Wiring[] {
  const written = new Map<string, string>()
  const current: Project = { ...project, read: (file) => written.get(file) ?? project.read(file) }
  return runners.map((runner) => {
    const wiring = runner.wiring(current)
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

/** Drivers to add by hand to an existing configuration, which is left unchanged. */
function withoutDriver(project: Project, stores: readonly FoundStore[], drivers: readonly string[]): readonly ByHand[] {
  const file = configFile(project)
  if (file === undefined) return []
  const missing = stores.filter((store) => !drivers.includes(store.package))
  return missing.map((store) => ({
    file: relative(project.folder, file),
    why: `package.json lists ${store.client}, and no driver for it is configured`,
    add: driverCode(store, file),
  }))
}

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

const noRunner = ({ folder }: Project, packages: readonly UntrackedPackage[]): DustpanError =>
  new DustpanError(
    'DUSTPAN_NO_PROJECT',
    `No test runner found in ${folder}, neither in package.json nor by a configuration file.`,
    {
      hint:
        packages.length > 0
          ? `Packages of this workspace have one. Set up each: ${packages.map(({ folder }) => `\`npx dustpan init --cwd ${folder}\``).join(', ')}.`
          : 'Vitest, Jest, Playwright, Mocha and scripts with `node --test` are supported. Install one first, or give the folder that has it: --cwd <folder>.',
    },
  )
