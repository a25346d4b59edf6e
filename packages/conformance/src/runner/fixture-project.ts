/** The project that cases run in, as a user of the runner would have it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createProject, type Project } from '../project.ts'
import type { Case } from './case.ts'
import type { Dialect, RunnerVersion } from './dialect.ts'

const schema = 'CREATE TABLE notes (id INTEGER PRIMARY KEY, place TEXT NOT NULL, text TEXT NOT NULL);'
export const postgresSchema = schema.replace('INTEGER', 'serial')

const clients = { msw: '3.0.5', nock: '15.0.6', pg: '^8.23.0' }

export async function createFixture(
  dialect: Dialect,
  { dependencies, node }: RunnerVersion,
  cases: readonly Case[],
): Promise<Project> {
  const project = await createProject({
    dependencies: { ...clients, ...dependencies },
    packages: ['@dustpan/core', '@dustpan/cli', '@dustpan/postgres', '@dustpan/sqlite', dialect.adapter],
    files: { ...dialect.config.adapted, 'dustpan.config.js': config(cases), ...testFolder(dialect, cases) },
    command: dialect.command,
    node,
  })
  const database = new DatabaseSync(join(project.folder, 'notes.db'))
  database.exec(schema)
  database.close()
  return project
}

const config = (cases: readonly Case[]): string => `
import { defineConfig, env, http } from '@dustpan/core'
import { postgres } from '@dustpan/postgres'
import { sqlite } from '@dustpan/sqlite'

export default defineConfig({
  cleanup: ${JSON.stringify({ strategy: 'conditional', retry: { delay: 10 }, ...cases[0]?.alone?.cleanup })},
  drivers: [
    http(),
    postgres({ name: 'main', url: env('DATABASE_URL'), application: ${cases[0]?.alone?.application ?? false} }),
    sqlite({ name: 'notes', file: 'notes.db' }),
  ],
  ${cases[0]?.alone?.config ?? ''}
})
`

function testFolder(dialect: Dialect, cases: readonly Case[]): Record<string, string> {
  const tests = cases.flatMap(({ files }) =>
    Object.entries(files).map(([place, source]) => [dialect.fileName(place), testFile(place, source)]),
  )
  const modules = cases.flatMap(({ modules }) => Object.entries(modules ?? {}))
  const all = [
    ...tests,
    ...modules,
    ['dialect.js', prelude(dialect.prelude)],
    ['things.js', prelude('things.js')],
    ['hook-fixture.js', prelude('hook-fixture.js')],
  ]
  return Object.fromEntries(all.map(([name, content]) => [`tests/${name}`, content as string]))
}

const prelude = (name: string): string => readFileSync(new URL(`../../preludes/${name}`, import.meta.url), 'utf8')

const testFile = (place: string, source: string): string => `
import { scope, temporaryFolder, track } from '@dustpan/core'
import * as dialect from './dialect.js'
import { assert, sleep, thingsOf } from './things.js'

const { afterAll, afterEach, beforeAll, beforeEach, each, fakeTimers, fixture, mockModule, suite, test } = dialect
const { create, exists, note, noteInSqlite, openPool, remember, writeAsApplication } = thingsOf(${JSON.stringify(place)})

dialect.file(() => {${source}
})
`
