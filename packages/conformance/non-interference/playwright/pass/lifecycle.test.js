import { AsyncLocalStorage } from 'node:async_hooks'
import { note } from '../observe/observe.js'
import { test as base, expect } from '../support/test.js'

const say = (line) => {
  console.log(line)
  note('order', line)
}
const test = base.extend({
  plain: [1, { option: true }],
  account: async ({ plain }, use) => {
    say('account up')
    await use({ plain, owner: 'ann' })
    say('account down')
  },
  watched: [
    async ({}, use) => {
      say('auto up')
      await use('auto')
      say('auto down')
    },
    { auto: true },
  ],
  ofWorker: [
    async ({}, use) => {
      say('worker up')
      await use('worker')
      say('worker down')
    },
    { scope: 'worker' },
  ],
})
test.beforeAll(({ ofWorker }) => say(`beforeAll ${ofWorker}`))
test.beforeEach(async ({ account }) => say(`beforeEach ${account.owner}`))
test.afterEach(({}, info) => say(`afterEach ${info.status}`))
test.afterAll(() => say('afterAll'))

test.describe('nested', () => {
  test.beforeAll(() => say('inner beforeAll'))
  test.beforeEach(() => say('inner beforeEach'))
  test('one', ({ account }) => say(`body ${account.plain}`))
  test('two', async ({ ofWorker }) => say(`body ${ofWorker}`))
})
test.describe('serial', () => {
  test.describe.configure({ mode: 'serial', retries: 1 })
  test('first', () => {})
  test('second, at the second try', ({}, info) => expect(info.retry).toBe(1))
})
test.describe("the user's own async context", () => {
  const mine = new AsyncLocalStorage()
  test.beforeEach(() => mine.enterWith('hook'))
  test('as it is in a body', () => {
    say(`in the body: ${mine.getStore()}`)
    mine.enterWith('body')
  })
  test('as it is in the next', () => say(`in the next body: ${mine.getStore()}`))
})
test('with another option', ({ account }) => expect(account.plain).toBe(1))
