import { hostname } from 'node:os'
import { greet, send } from '../src/send.js'

jest.mock('../src/send.js', () => ({ ...jest.requireActual('../src/send.js'), greet: jest.fn(() => 'mocked') }))
jest.mock('node:os', () => ({ hostname: () => 'nowhere' }))
afterEach(() => {
  jest.useRealTimers()
  jest.restoreAllMocks()
})

test('modules', () => {
  expect([greet('ann'), send('bob'), hostname()]).toMatchInlineSnapshot(`
[
  "mocked",
  "really sent to bob",
  "nowhere",
]
`)
})
test('module registry', () => {
  const before = require('../src/cart.js')
  jest.resetModules()
  expect(require('../src/cart.js')).not.toBe(before)
  jest.isolateModules(() => expect(require('../src/cart.js')).not.toBe(before))
})
describe('fake timers', () => {
  test('of every kind', () => {
    jest.useFakeTimers({ now: 0 })
    const done = jest.fn()
    setTimeout(done, 1000)
    setImmediate(done)
    process.nextTick(done)
    queueMicrotask(done)
    jest.advanceTimersByTime(1000)
    expect(done).toHaveBeenCalledTimes(4)
    expect(Date.now()).toBe(1000)
    expect(jest.getTimerCount()).toBe(0)
  })
  test('legacy', () => {
    jest.useFakeTimers({ legacyFakeTimers: true })
    const done = jest.fn()
    setTimeout(done, 1000)
    jest.runAllTimers()
    expect(done).toHaveBeenCalledTimes(1)
  })
  test('left on', () => {
    jest.useFakeTimers({ now: new Date(2000, 0, 1) })
    expect(jest.getTimerCount()).toBe(0)
  })
})
test('fetch', async () => {
  const real = globalThis.fetch
  globalThis.fetch = jest.fn(async () => new Response('{"id":1}', { status: 201 }))
  expect(await (await fetch('http://localhost:1/users', { method: 'POST' })).json()).toEqual({ id: 1 })
  expect(fetch).toHaveBeenCalledTimes(1)
  globalThis.fetch = real
})
test('spies', () => {
  const log = jest.spyOn(console, 'log').mockImplementation(() => {})
  const random = jest.spyOn(Math, 'random').mockReturnValue(0.5)
  console.log('unseen')
  expect(log.mock.calls).toEqual([['unseen']])
  expect(Math.random()).toBe(random.mock.results[0].value)
  const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true)
  process.stdout.write('unseen')
  expect(write).toHaveBeenCalledTimes(1)
})
