/** Cases: tests that end before their work, and frozen clocks. */
import type { Case } from '../case.ts'

export const timing: readonly Case[] = [
  {
    name: 'timeout while a create is in flight',
    files: {
      'create-in-flight': `
test('times out', { timeout: 200 }, async () => { await create('after-600/slow') })
test('times out and keeps nothing', { timeout: 200 }, async () => {
  scope().policy({ strategy: 'immediate' })
  await create('after-600/slower')
})
test('gives them time', {}, () => sleep(1_200))`,
    },
    expected: {
      ledger: ['times out (failed): slow kept', 'times out and keeps nothing (failed): slower removed'],
      left: ['slow/N'],
    },
  },
  {
    name: 'timeout inside an open transaction that commits later',
    files: {
      'open-transaction': `
const pool = openPool()
let client
let committed
beforeAll(async () => { client = await pool.connect() })
afterAll(async () => {
  await committed
  client.release()
  await pool.end()
})
test('times out', { timeout: 250 }, async () => {
  scope().policy({ strategy: 'immediate' })
  const commit = async () => {
    await client.query('BEGIN')
    await note(client, 'committed late')
    await sleep(600)
    await client.query('COMMIT')
  }
  committed = commit()
  await committed
})
test('gives it time', {}, () => sleep(1_200))`,
    },
    expected: { ledger: ['times out (failed): notes removed'] },
  },
  {
    name: 'resource created after the test was over',
    files: {
      'created-late': `
test('is over', {}, () => {
  void sleep(150).then(() => create('users'))
})
test('goes on', {}, () => sleep(800))`,
    },
    expected: { ledger: ['is over (passed): user removed'] },
  },
  {
    name: 'uncaught error after the test',
    files: {
      uncaught: `
test('is over', {}, async () => {
  await create('users')
  setTimeout(() => { throw new Error('after the test') }, 100)
})
test('goes on', {}, () => sleep(500))`,
    },
    alone: {},
    expected: { ledger: ['is over (passed): user removed'] },
  },
  {
    name: 'fake timers left on',
    files: {
      'fake-timers': `
test('leaves fake timers on', {}, async () => {
  await create('users')
  fakeTimers()
})`,
    },
    // Alone, as a shared process would freeze the clocks of other files too.
    alone: {},
    expected: { ledger: ['leaves fake timers on (passed): user removed'], exit: 'passes' },
  },
  {
    name: "cleanup slower than the test's timeout",
    files: { 'slow-cleanup': `test('passes', { timeout: 1_000 }, async () => { await create('users') })` },
    service: (api) => api.slow(/^slow-cleanup/, 2_500),
    alone: { mode: 'short timeout' },
    expected: { ledger: ['passes (passed): user removed'], exit: 'passes' },
  },
]
