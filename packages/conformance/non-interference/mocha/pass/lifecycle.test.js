import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import { note } from '../observe/observe.js'

const say = (line) => {
  console.log(line)
  note('order', line)
}
before(() => say('before of the file, which is the root'))
beforeEach(() => say('beforeEach of the file'))
afterEach(() => say('afterEach of the file'))
after(() => say('after of the file'))

describe('nested', () => {
  before('named', () => say('before'))
  beforeEach(async () => say('beforeEach'))
  beforeEach((done) => {
    say('beforeEach with a callback')
    done()
  })
  afterEach(function () {
    say(`afterEach of ${this.currentTest.title}: ${this.currentTest.state}`)
  })
  after(() => say('after'))
  it('traced one', () => say('body'))
  it('traced two', async () => {
    await undefined
    say('body 2')
  })
  let tries = 0
  it('traced retry', function () {
    this.retries(2)
    say(`try ${++tries}`)
    assert.equal(tries, 3)
  })
  it('shares its context', function () {
    assert.equal(this.fromHook, 'yes')
  })
  beforeEach(function () {
    this.fromHook = 'yes'
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
describe('promises and immediates', () => {
  const seen = []
  it('first', () => {
    setImmediate(() => seen.push('immediate'))
    process.nextTick(() => seen.push('tick'))
    queueMicrotask(() => seen.push('microtask'))
    setTimeout(() => seen.push('timeout'), 0)
  })
  it('second', async () => {
    while (seen.length < 4) await new Promise((resolve) => setTimeout(resolve, 1))
    assert.deepEqual([...seen].sort(), ['immediate', 'microtask', 'tick', 'timeout'])
  })
})
