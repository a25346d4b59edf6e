/** Stores that exist only in a worker, in every pool, with and without isolation. */

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { createProject, outcomes, resources } from './project.ts'

const file = `
import { expect, test } from 'vitest'
import { writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { temporaryFolder, track } from '@dustpan/core'
const database = new DatabaseSync(':memory:')
database.exec('CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)')
test('passes', async () => {
  database.prepare('INSERT INTO notes (text) VALUES (?)').run('a')
  track({ type: 'thing', id: 1, remove: () => {} })
})
test('finds the notes gone', () => { expect(database.prepare('SELECT count(*) AS n FROM notes').get()).toEqual({ n: 0 }) })
test('fails', async () => { writeFileSync(temporaryFolder('kept') + '/a', ''); expect(1).toBe(2) })
`

const config = `
import { defineConfig } from '@dustpan/core'
import { sqlite } from '@dustpan/sqlite'
export default defineConfig({ cleanup: { strategy: 'conditional' }, drivers: [sqlite({ name: 'memory', file: ':memory:' })] })
`

const pools = [
  '--pool=forks',
  '--pool=forks --no-isolate',
  '--pool=threads',
  '--pool=threads --no-isolate',
  '--pool=vmThreads',
  '--pool=vmForks',
]

test.each(pools)('in-memory rows and removal functions of passed tests are removed with %s', async (args) => {
  await using project = await createProject({ 'a.test.ts': file, 'b.test.ts': file, 'dustpan.config.ts': config })
  const { report, output } = await project.run(args.split(' '))

  expect(outcomes(report), output).toEqual({
    passes: ['notes removed', 'thing removed'],
    fails: ['folder kept'],
  })
  expect(report?.totals).toMatchObject({ tracked: 6, removed: 4, kept: 2 })
  for (const { key, type } of resources(report)) {
    if (type === 'folder') await rm(key, { recursive: true })
  }
})

const one = (name: string) => `
import { scope, temporaryFolder } from '@dustpan/core'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
test('${name}', () => {
  const database = new DatabaseSync('app.db')
  database.prepare('INSERT INTO notes (text) VALUES (?)').run('${name}')
  temporaryFolder()
  expect(scope().created()).toMatchObject([{ type: 'notes' }, { type: 'folder' }])
  database.close()
})
`

/** Vitest 4.1 gives a single worker all files at once, in one vm context. */
test.each(['vmThreads', 'vmForks'])('%s of Vitest 4.1 tracks several files in one worker', async (pool) => {
  const names = ['a', 'b', 'c']
  const files = names.map((name) => [`${name}.test.ts`, one(name)] as const)
  await using project = await createProject(
    { ...Object.fromEntries(files), 'dustpan.config.ts': config.replace(":memory:'", "app.db'") },
    '4.1',
  )
  using database = new DatabaseSync(join(project.folder, 'app.db'))
  database.exec('CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)')

  const { report, output, exitCode } = await project.run([`--pool=${pool}`, '--maxWorkers=1'])
  expect(exitCode, output).toBe(0)
  const removed = ['folder removed', 'notes removed']
  expect(outcomes(report)).toEqual(Object.fromEntries(names.map((name) => [name, removed])))
  expect(database.prepare('SELECT * FROM notes').all()).toEqual([])
})

const typed = `
import { temporaryFolder } from '@dustpan/core'
import { test } from 'vitest'
interface Gone {
  line: number
}
const gone: Gone = { line: 8 }
test('creates', () => { temporaryFolder() })
`

test.each(pools.flatMap((pool) => [[pool, '5'] as const, [pool, '4.1'] as const]))(
  'the recorded line is that of the source file, not of the compiled code: %s, Vitest %s',
  async (args, version) => {
    await using project = await createProject({ 'a.test.ts': typed }, version)
    const { report, output } = await project.run(args.split(' '))
    expect(
      resources(report).map(({ source }) => source),
      output,
    ).toEqual(['a.test.ts:8'])
  },
)
