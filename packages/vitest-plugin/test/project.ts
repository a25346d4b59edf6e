/** A user's project: packed tarballs, a real Vitest, files of its own. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { CleanupReport, ReportedResource } from '@dustpan/core'
import { execa } from 'execa'
import { scratchInstall } from '../../../scripts/scratch.ts'

/** The versions that the plugin supports; `@vitest/ui` 5.1.1 is not published. */
export const vitestVersions = {
  '5': { vitest: '5.1.1', vite: '^8.3.0' },
  '4.1': { vitest: '4.1.12', '@vitest/ui': '4.1.12', vite: '^7.0.0' },
} as const
export type VitestVersion = keyof typeof vitestVersions

const clients = {
  '@types/node': '^24.19.0',
  typescript: '7.0.2',
  axios: '^1.21.0',
  'better-sqlite3': '^13.2.0',
  'happy-dom': '^21.0.3',
  jsdom: '^29.1.1',
  msw: '3.0.5',
  nock: '^15.0.6',
  pg: '^8.23.0',
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
  start(args?: readonly string[], env?: Record<string, string>): ReturnType<typeof spawn>
  report(): CleanupReport | undefined
}

export const configFile = `import { defineConfig } from 'vitest/config'
import { dustpan } from '@dustpan/vitest-plugin'
export default defineConfig({ plugins: [dustpan()] })
`

export async function createProject(
  files: Readonly<Record<string, string>>,
  version: VitestVersion = '5',
): Promise<Project> {
  const base = await scratchInstall({ ...vitestVersions[version], ...clients })
  const folder = await mkdtemp(join(tmpdir(), 'vitest-project-'))
  await symlink(join(base, 'node_modules'), join(folder, 'node_modules'))
  const all = { 'package.json': '{ "type": "module", "version": "1.2.3" }', 'vitest.config.ts': configFile, ...files }
  for (const [name, content] of Object.entries(all)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), content)
  }
  return {
    folder,
    start: (args = [], env = {}) => spawn(folder, args, env),
    async run(args = [], env = {}) {
      const { all: output, exitCode } = await spawn(folder, args, env)
      return { output: output ?? '', exitCode, report: readReport(folder) }
    },
    report: () => readReport(folder),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

/** `TEST_NODE`: the Node that runs the projects, to try the oldest that is supported. */
const node = process.env.TEST_NODE ?? process.execPath

function spawn(folder: string, args: readonly string[], env: Record<string, string>) {
  const vitest = join(folder, 'node_modules', 'vitest', 'vitest.mjs')
  return execa(node, [vitest, 'run', ...args], {
    cwd: folder,
    env: { ...bare, NO_COLOR: '1', ...env },
    extendEnv: false,
    all: true,
    reject: false,
  })
}

/** As a user's shell has it: nothing of the Vitest that runs these tests, nothing of a CI system. */
const bare: Record<string, string> = Object.fromEntries(
  ['PATH', 'HOME', 'TMPDIR', 'LANG'].flatMap((name) =>
    process.env[name] === undefined ? [] : [[name, process.env[name] as string]],
  ),
)

/** The newest run's. */
function readReport(folder: string): CleanupReport | undefined {
  const runs = join(folder, '.dustpan', 'runs')
  const newest = existsSync(runs) ? readdirSync(runs).sort().at(-1) : undefined
  const file = newest === undefined ? '' : join(runs, newest, 'report.json')
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as CleanupReport) : undefined
}

/** `title of the test` → `type state, …`, sorted: what became of each test's things. */
export function outcomes(report: CleanupReport | undefined): Record<string, string[]> {
  const all = (report?.scopes ?? []).map(({ path, kind, attempt, resources }) => {
    const name = `${path?.join(' > ') ?? kind}${attempt > 0 ? ` #${attempt}` : ''}`
    return [name, resources.map(({ type, state }) => `${type} ${state}`).sort()] as const
  })
  return Object.fromEntries(all)
}

export const resources = (report: CleanupReport | undefined): readonly ReportedResource[] =>
  (report?.scopes ?? []).flatMap(({ resources }) => resources)
