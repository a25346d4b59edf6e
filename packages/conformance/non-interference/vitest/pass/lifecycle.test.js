import {
  afterAll,
  afterEach,
  aroundAll,
  aroundEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  onTestFinished,
  test,
} from 'vitest'
import { note } from '../observe/observe.js'

const say = (line) => {
  console.log(line)
  note('order', line)
}
beforeAll(() => {
  say('beforeAll')
  return () => say('returned by beforeAll')
})
beforeEach(async () => {
  say('beforeEach')
  return async () => say('returned by beforeEach')
})
afterEach(() => say('afterEach'))
afterAll(() => say('afterAll'))
aroundEach(async (run) => {
  say('around: in')
  await run()
  say('around: out')
})
aroundAll(async (run) => {
  say('around all: in')
  await run()
  say('around all: out')
})

describe('nested', () => {
  beforeAll(() => say('inner beforeAll'))
  beforeEach(() => say('inner beforeEach'))
  test('traced one', () => {
    onTestFinished(() => say('finished'))
    say('body')
  })
  test('traced two', async () => {
    await Promise.resolve()
    say('body 2')
  })
  let tries = 0
  test('traced retry', { retry: 2 }, () => {
    say(`try ${++tries}`)
    expect(tries).toBe(3)
  })
})

const seen = []
test('promises and immediates, first', async () => {
  setImmediate(() => seen.push('immediate'))
  process.nextTick(() => seen.push('tick'))
  queueMicrotask(() => seen.push('microtask'))
  setTimeout(() => seen.push('timeout'), 0)
})
test('promises and immediates, second', async () => {
  while (seen.length < 4) await new Promise((resolve) => setTimeout(resolve, 1))
  expect([...seen].sort()).toEqual(['immediate', 'microtask', 'tick', 'timeout'])
})
