import { expect, test } from '../support/test.js'

test.describe('beforeAll', () => {
  test.beforeAll(() => {
    throw new Error('beforeAll failed')
  })
  test('fails with it', () => {})
  test('does not run', () => {})
})
test.describe('afterEach', () => {
  test.afterEach(() => expect('clean').toBe('dirty'))
  test('passes, but its hook does not', () => {})
})
const failing = test.extend({
  leaving: async ({}, use) => {
    await use(1)
    throw new Error('fixture failed on its way out')
  },
})
failing('fixture broken afterwards', ({ leaving }) => {})
