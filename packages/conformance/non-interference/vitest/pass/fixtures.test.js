import { test as base, expect } from 'vitest'
import { note } from '../observe/observe.js'

const test = base.extend({
  plain: 1,
  account: async ({ plain }, use) => {
    note('fixtures', 'account up')
    await use({ plain, owner: 'ann' })
    note('fixtures', 'account down')
  },
  watched: [
    async ({}, use) => {
      note('fixtures', 'auto up')
      await use('auto')
      note('fixtures', 'auto down')
    },
    { auto: true },
  ],
  ofFile: [
    async ({}, use) => {
      note('fixtures', 'file up')
      await use('file')
      note('fixtures', 'file down')
    },
    { scope: 'file' },
  ],
  ofWorker: [
    async ({}, use) => {
      note('fixtures', 'worker up')
      await use('worker')
      note('fixtures', 'worker down')
    },
    { scope: 'worker' },
  ],
})
test.beforeEach(({ account }) => note('fixtures', `beforeEach ${account.owner}`))
test('one', ({ account, plain }) => expect(account.plain).toBe(plain))
test('two', ({ ofFile, ofWorker }) => expect([ofFile, ofWorker]).toEqual(['file', 'worker']))
test('three', ({ watched }) => expect(watched).toBe('auto'))
test('overridden', async ({ task }) => expect(task.name).toBe('overridden'))
