/** The project that cases run in, set up as a user of the runner would. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createProject, type Project, type ProjectOptions } from '../project.ts'
import type { Alone, Case } from './case.ts'
import type { Dialect, RunnerVersion } from './dialect.ts'

const schema = 'CREATE TABLE notes (id INTEGER PRIMARY KEY, place TEXT NOT NULL, text TEXT NOT NULL);'
export const postgresSchema = schema.replace('INTEGER', 'serial')

const clients = { msw: '3.0.5', nock: '15.0.6', pg: '^8.23.0' }

/** The content of `node_modules`, the same for all cases of a version, so that it is installed once. */
export function installationOf(
  { adapter }: Dialect,
  { dependencies, node }: RunnerVersion,
): Pick<ProjectOptions, 'dependencies' | 'packages' | 'node'> {
  return {
    dependencies: { ...clients, ...dependencies },
    packages: [
      '@dustpan/core',
      '@dustpan/cli',
      '@dustpan/postgres',
      '@dustpan/postgres-ledger',
      '@dustpan/sqlite',
      adapter,
    ],
    node,
  }
}

export async function createFixture(
  dialect: Dialect,
  version: RunnerVersion,
  cases: readonly Case[],
): Promise<Project> {
  const project = await createProject({
    ...installationOf(dialect, version),
    files: { ...dialect.config.adapted, 'dustpan.config.js': config(cases), ...testFolder(dialect, cases) },
    command: dialect.command,
  })
  const database = new DatabaseSync(join(project.folder, 'notes.db'))
  database.exec(schema)
  database.close()
  return project
}

const sharedLedger = `ledger: { use: '@dustpan/postgres-ledger', options: { url: env('DATABASE_URL') } },`

const config = (cases: readonly Case[]): string => `
import { defineConfig, env, http } from '@dustpan/core'
import { postgres } from '@dustpan/postgres'
import { sqlite } from '@dustpan/sqlite'

export default defineConfig({
  cleanup: ${JSON.stringify({ strategy: 'conditional', retry: { delay: 10 }, ...cases[0]?.alone?.cleanup })},
  drivers: [
    http(),
    postgres({ name: 'main', url: env('DATABASE_URL'), application: ${collects(cases[0]?.alone)} }),
    sqlite({ name: 'notes', file: 'notes.db' }),
  ],
  ${cases[0]?.alone?.shared ? sharedLedger : ''}
  ${cases[0]?.alone?.config ?? ''}
})
`

/** Configures the driver that collects the application log. */
function collects({ application }: Alone = {}): string {
  return application === 'left to others' ? "process.argv.includes('install')" : String(application === 'collected')
}

function testFolder(dialect: Dialect, cases: readonly Case[]): Record<string, string> {
  const tests = cases.flatMap(({ files }) =>
    Object.entries(files).map(([place, source]) => [dialect.fileName(place), testFile(place, source)]),
  )
  const modules = cases.flatMap(({ modules }) => Object.entries(modules ?? {}))
  const all = [...tests, ...modules, ...Object.entries(wordsOf(dialect)), ['things.js', prelude('things.js')]]
  return Object.fromEntries(all.map(([name, content]) => [`tests/${name}`, content as string]))
}

/** Modules that implement the common functions with the runner's own, by name. */
export function wordsOf({ prelude: own }: Dialect): Record<string, string> {
  return { 'dialect.js': prelude(own), 'hook-fixture.js': prelude('hook-fixture.js') }
}

const prelude = (name: string): string => readFileSync(new URL(`../../preludes/${name}`, import.meta.url), 'utf8')

const testFile = (place: string, source: string): string => `
import { scope, temporaryFolder, track } from '@dustpan/core'
import * as dialect from './dialect.js'
import { assert, sleep, thingsOf } from './things.js'

const { afterAll, afterEach, beforeAll, beforeEach, each, fakeTimers, fixture, mockModule, suite, test } = dialect
const { askHowManyRuns, create, exists, note, noteInSqlite, openPool, remember, writeAsApplication } = thingsOf(${JSON.stringify(place)})

dialect.file(() => {${source}
})
`
