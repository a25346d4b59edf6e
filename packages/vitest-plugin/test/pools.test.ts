/** The same in every pool, isolated or not. */

import { startApi } from '@dustpan/conformance'
import { expect, test } from 'vitest'
import { createProject, outcomes } from './project.ts'

const file = `
import { beforeAll, expect, test } from 'vitest'
import { writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { temporaryFolder, track } from '@dustpan/core'
const create = async (type: string) => (await fetch(process.env.API + '/' + type, { method: 'POST' })).json()
const database = new DatabaseSync(':memory:')
database.exec('CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)')
beforeAll(() => create('teams'))
test('passes', async () => {
  await create('users')
  database.prepare('INSERT INTO notes (text) VALUES (?)').run('a')
  track({ type: 'thing', id: 1, remove: () => {} })
})
test('finds the notes gone', () => { expect(database.prepare('SELECT count(*) AS n FROM notes').get()).toEqual({ n: 0 }) })
test('fails', async () => { await create('orders'); writeFileSync(temporaryFolder('kept') + '/a', ''); expect(1).toBe(2) })
test.concurrent('one', async () => { await create('one') })
test.concurrent('two', async () => { await create('two') })
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

test.each(pools)('%s', async (args) => {
  await using api = await startApi()
  await using project = await createProject({ 'a.test.ts': file, 'b.test.ts': file, 'dustpan.config.ts': config })
  const { report, output } = await project.run(args.split(' '), { API: api.url })

  expect(outcomes(report), output).toEqual({
    file: ['team removed'],
    passes: ['notes removed', 'thing removed', 'user removed'],
    fails: ['folder kept', 'order kept'],
    one: ['one removed'],
    two: ['two removed'],
  })
  expect(report?.totals).toMatchObject({ tracked: 16, removed: 12, kept: 4 })
  expect(api.left()).toHaveLength(2)
  for (const { key, type } of report?.scopes.flatMap(({ resources }) => resources) ?? []) {
    if (type === 'folder') await (await import('node:fs/promises')).rm(key, { recursive: true })
  }
})
