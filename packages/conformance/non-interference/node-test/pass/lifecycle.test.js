import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { after, afterEach, before, beforeEach, describe, it, test } from 'node:test'
import { note } from '../observe/observe.js'

const say = (line) => {
  console.log(line)
  note('order', line)
}
before(() => say('before'))
beforeEach(() => say('beforeEach'))
afterEach(() => say('afterEach'))
after(() => say('after'))

describe('nested', () => {
  before(() => say('inner before'))
  beforeEach(async () => say('inner beforeEach'))
  beforeEach((t, done) => {
    say('beforeEach with a callback')
    done()
  })
  afterEach((t) => say(`inner afterEach of ${t.name}: ${t.passed}`))
  after(() => say('inner after'))
  it('traced one', () => say('body'))
  it('traced two', async (t) => {
    t.after(() => say('after of the test'))
    await undefined
    say('body 2')
  })
})
describe("the user's own async context", () => {
  const mine = new AsyncLocalStorage()
  beforeEach(() => mine.enterWith('hook'))
  it('as it is in a body', () => {
    say(`in the body: ${mine.getStore()}`)
    mine.enterWith('body')
  })
  it('as it is in the next', () => say(`in the next body: ${mine.getStore()}`))
})
const seen = []
test('promises and immediates, first', () => {
  setImmediate(() => seen.push('immediate'))
  process.nextTick(() => seen.push('tick'))
  queueMicrotask(() => seen.push('microtask'))
  setTimeout(() => seen.push('timeout'), 0)
})
test('promises and immediates, second', async () => {
  while (seen.length < 4) await new Promise((resolve) => setTimeout(resolve, 1))
  assert.deepEqual([...seen].sort(), ['immediate', 'microtask', 'tick', 'timeout'])
})
