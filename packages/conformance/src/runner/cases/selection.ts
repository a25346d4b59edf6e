/** Cases: runs of selected tests, bail, shards and watch mode. */
import { appendFileSync, globSync } from 'node:fs'
import { join } from 'node:path'
import type { Case } from '../case.ts'

const one = `test('passes', {}, async () => { await create('users') })`

export const selection: readonly Case[] = [
  {
    name: 'bail',
    files: {
      // Some runners begin with the larger file.
      'bail-a': `test('fails', {}, async () => {
  await create('users')
  assert.equal(1, 2)
})
// ${'-'.repeat(2_000)}`,
      'bail-b': `test('never begins', {}, async () => { await create('orders') })`,
    },
    alone: { mode: 'bail' },
    expected: { ledger: ['fails (failed): user kept'], left: ['users/N'] },
  },
  {
    name: 'only',
    files: {
      only: `
test('is not wanted', {}, async () => { await create('orders') })
test('is wanted', { only: true }, async () => { await create('users') })`,
    },
    alone: { mode: 'only' },
    expected: { ledger: ['is wanted (passed): user removed'], exit: 'passes' },
  },
  {
    name: 'sharding',
    files: { 'shard-one': one, 'shard-two': one },
    alone: { mode: 'shards' },
    expected: { ledger: ['passes (passed): user removed', 'passes (passed): user removed'], runs: 2, exit: 'passes' },
  },
  {
    name: 'watch re-run',
    files: { watched: one },
    alone: {
      mode: 'watch',
      async during({ project, until, signal }) {
        await until(() => reports(project.folder) === 1)
        const [file = ''] = globSync('tests/watched.*', { cwd: project.folder })
        appendFileSync(join(project.folder, file), '\n')
        await until(() => reports(project.folder) === 2)
        signal('SIGKILL')
      },
    },
    expected: { ledger: ['passes (passed): user removed', 'passes (passed): user removed'], runs: 2 },
  },
]

const reports = (folder: string): number => globSync('.dustpan/runs/*/report.json', { cwd: folder }).length
