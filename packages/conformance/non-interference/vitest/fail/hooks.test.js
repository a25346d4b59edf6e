import {
  afterAll,
  afterEach,
  aroundEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  onTestFailed,
  onTestFinished,
  test,
} from 'vitest'

describe('beforeAll', () => {
  beforeAll(() => {
    throw new Error('beforeAll failed')
  })
  test('never runs', () => {})
})
describe('beforeEach', () => {
  beforeEach(() => {
    throw new Error('beforeEach failed')
  })
  test('never runs', () => {})
})
describe('afterEach', () => {
  afterEach(() => expect('clean').toBe('dirty'))
  test('passes, but its hook does not', () => {})
  test('fails twice', () => expect(1).toBe(2))
})
describe('afterAll', () => {
  afterAll(async () => {
    await undefined
    throw new Error('afterAll failed')
  })
  test('passes', () => {})
})
describe('slow hooks', () => {
  beforeEach(() => new Promise(() => {}), 20)
  test('never begins', () => {})
})
describe('around', () => {
  aroundEach(async (run) => {
    await run()
    throw new Error('around failed on its way out')
  })
  test('passes inside', () => {})
})
describe('around that never runs its test', () => {
  aroundEach(async () => {})
  test('is not run', () => {})
})
test('callbacks', () => {
  onTestFinished(() => console.log('finished'))
  onTestFailed(() => console.log('failed'))
  throw new Error('for the callbacks')
})
const failing = test.extend({
  broken: async ({}, use) => {
    throw new Error('fixture failed')
  },
  leaving: async ({}, use) => {
    await use(1)
    throw new Error('fixture failed on its way out')
  },
})
failing('broken fixture', ({ broken }) => {})
failing('fixture broken afterwards', ({ leaving }) => {})
