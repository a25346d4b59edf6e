/** Stores that live and die with a worker, in every pool, isolated or not. */

import { rm } from 'node:fs/promises'
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

test.each(pools)('%s', async (args) => {
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
