import { note } from '../observe/observe.js'

const say = (line) => {
  console.log(line)
  note('order', line)
}
beforeAll(() => say('beforeAll'))
beforeEach(async () => say('beforeEach'))
beforeEach((done) => {
  say('beforeEach with a callback')
  done()
})
afterEach(() => say('afterEach'))
afterAll(() => say('afterAll'))

describe('nested', () => {
  beforeAll(() => say('inner beforeAll'))
  beforeEach(() => say('inner beforeEach'))
  test('traced one', () => say('body'))
  test('traced two', async () => {
    await Promise.resolve()
    say('body 2')
  })
})
describe('retried', () => {
  jest.retryTimes(2, { logErrorsBeforeRetry: true })
  let tries = 0
  test('traced retry', () => {
    say(`try ${++tries}`)
    expect(tries).toBe(3)
  })
  afterAll(() => jest.retryTimes(0))
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
