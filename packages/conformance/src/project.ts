/** A user's project, with packed tarballs, a real runner and its own files. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { CleanupReport } from '@dustpan/core'
import { execa } from 'execa'
import { scratchInstall } from '../../../scripts/scratch.ts'

export interface ProjectOptions {
  /** Installed beside Dustpan's own tarballs. */
  readonly dependencies: Readonly<Record<string, string>>
  /** Dustpan's packages to install. @default all */
  readonly packages?: readonly string[]
  readonly files: Readonly<Record<string, string>>
  /** The program for Node: a script below `node_modules`, and its first arguments. */
  readonly command: readonly string[]
  /** Path of Node, absolute or relative to the folder. @default the Node that runs this, or `TEST_NODE` */
  readonly node?: string | undefined
}

export interface ProjectRun {
  readonly output: string
  readonly exitCode: number | undefined
  readonly report: CleanupReport | undefined
}

export interface Project extends AsyncDisposable {
  readonly folder: string
  run(args?: readonly string[], env?: Record<string, string>): Promise<ProjectRun>
  /** For tests that send signals. */
  start(args?: readonly string[], env?: Record<string, string>, options?: StartOptions): ReturnType<typeof spawn>
  /** The report of the newest run. */
  report(): CleanupReport | undefined
}

export interface StartOptions {
  /** In a process group of its own, to signal it as a terminal does. */
  readonly detached?: boolean
}

export async function createProject(options: ProjectOptions): Promise<Project> {
  const { dependencies, packages, files, command, node } = options
  const base = await scratchInstall(dependencies, packages)
  const folder = await mkdtemp(join(tmpdir(), 'project-'))
  await symlink(join(base, 'node_modules'), join(folder, 'node_modules'))
  const all = { 'package.json': '{ "type": "module", "version": "1.2.3" }', ...files }
  for (const [name, content] of Object.entries(all)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), content)
  }
  const start: Project['start'] = (args = [], env = {}, { detached = false } = {}) =>
    spawn(node === undefined ? anyNode : resolve(folder, node), [...command, ...args], { cwd: folder, env, detached })
  return {
    folder,
    start,
    async run(args, env) {
      const { all: output, exitCode } = await start(args, env)
      return { output: output ?? '', exitCode, report: readReport(folder) }
    },
    report: () => readReport(folder),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true, maxRetries: 10 }),
  }
}

/** `TEST_NODE` selects the Node for the projects, to test the oldest supported one. */
const anyNode = process.env.TEST_NODE ?? process.execPath

interface SpawnOptions {
  readonly cwd: string
  readonly env: Record<string, string>
  readonly detached: boolean
}

function spawn(node: string, args: readonly string[], { cwd, env, detached }: SpawnOptions) {
  return execa(node, args, {
    cwd,
    env: { ...bare, NO_COLOR: '1', ...env },
    extendEnv: false,
    all: true,
    reject: false,
    detached,
    cleanup: !detached,
  })
}

/**
 * The environment of a user's shell, without variables of this Vitest or of a CI system. Only the reaper's own tests switch the
 * reaper on.
 */
const bare: Record<string, string> = {
  ...Object.fromEntries(
    ['PATH', 'HOME', 'TMPDIR', 'LANG', 'NODE_COMPILE_CACHE'].flatMap((name) =>
      process.env[name] === undefined ? [] : [[name, process.env[name] as string]],
    ),
  ),
  DUSTPAN_REAPER: '0',
}

function readReport(folder: string): CleanupReport | undefined {
  const runs = join(folder, '.dustpan', 'runs')
  const newest = existsSync(runs) ? readdirSync(runs).sort().at(-1) : undefined
  const file = newest === undefined ? '' : join(runs, newest, 'report.json')
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as CleanupReport) : undefined
}
