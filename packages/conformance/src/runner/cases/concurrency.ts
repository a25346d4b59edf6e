/** Cases: concurrent tests. */
import type { Case } from '../case.ts'

const lines = (thing: string) => (name: string, ending: string, state: string) =>
  `at once > ${name} (${ending}): ${[1, 2, 3].map(() => `${thing === '' ? name : thing} ${state}`).join(', ')}`
const users = lines('')
const notes = lines('notes')

export const concurrency: readonly Case[] = [
  {
    name: 'concurrent tests over HTTP',
    files: {
      'concurrent-http': `
suite('at once', { concurrent: true }, () => {
  for (const name of ['one', 'two', 'three']) {
    test(name, {}, async () => {
      for (const delay of [30, 0, 15]) await create('after-' + delay + '/' + name)
      assert.equal(scope().created().map(({ type }) => type).join(), [name, name, name].join())
      assert.notEqual(name, 'two')
    })
  }
})`,
    },
    expected: {
      ledger: [users('one', 'passed', 'removed'), users('three', 'passed', 'removed'), users('two', 'failed', 'kept')],
      left: ['two/N', 'two/N', 'two/N'],
    },
  },
  {
    name: 'concurrent tests over a pool of two connections',
    files: {
      'concurrent-pool': `
const pool = openPool()
afterAll(() => pool.end())
suite('at once', { concurrent: true }, () => {
  for (const name of ['one', 'two', 'three']) {
    test(name, {}, async () => {
      for (const pause of [20, 0, 10]) {
        await note(pool, name)
        await sleep(pause)
      }
      assert.equal(scope().created().length, 3)
      assert.notEqual(name, 'two')
    })
  }
})`,
    },
    expected: {
      ledger: [notes('one', 'passed', 'removed'), notes('three', 'passed', 'removed'), notes('two', 'failed', 'kept')],
      left: ['PostgreSQL two', 'PostgreSQL two', 'PostgreSQL two'],
    },
  },
]
