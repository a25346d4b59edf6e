import { afterEach, describe, expect, test, vi } from 'vitest'
import { greet, send } from '../src/send.js'

vi.mock('../src/send.js', async (original) => ({ ...(await original()), greet: vi.fn(() => 'mocked') }))
vi.mock('node:os', () => ({ hostname: () => 'nowhere', default: {} }))
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

test('modules', async () => {
  expect(greet('ann')).toBe('mocked')
  expect(send('bob')).toBe('really sent to bob')
  expect((await import('node:os')).hostname()).toBe('nowhere')
})
describe('fake timers', () => {
  test('of every kind', () => {
    vi.useFakeTimers({
      now: 0,
      toFake: ['setTimeout', 'setInterval', 'setImmediate', 'Date', 'performance', 'nextTick', 'queueMicrotask'],
    })
    const done = vi.fn()
    setTimeout(done, 1000)
    setImmediate(done)
    process.nextTick(done)
    vi.advanceTimersByTime(1000)
    expect(done).toHaveBeenCalledTimes(3)
    expect(Date.now()).toBe(1000)
    expect(vi.getTimerCount()).toBe(0)
  })
  test('left on', () => {
    vi.useFakeTimers({ now: new Date(2000, 0, 1) })
    expect(vi.getTimerCount()).toBe(0)
  })
})
test('fetch', async () => {
  vi.stubGlobal(
    'fetch',
    vi.fn(async () => new Response('{"id":1}', { status: 201 })),
  )
  expect(await (await fetch('http://localhost:1/users', { method: 'POST' })).json()).toEqual({ id: 1 })
  expect(fetch).toHaveBeenCalledTimes(1)
})
test('spies', () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  const random = vi.spyOn(Math, 'random').mockReturnValue(0.5)
  console.log('unseen')
  expect(log.mock.calls).toEqual([['unseen']])
  expect(Math.random()).toBe(random.mock.results[0].value)
})
test('module registry', async () => {
  vi.resetModules()
  expect((await import('../src/cart.js')).total).not.toBe(undefined)
})
test('environment and time', () => {
  vi.stubEnv('SOME', 'thing')
  vi.setSystemTime(new Date(0))
  expect([process.env.SOME, new Date().getTime()]).toEqual(['thing', 0])
  vi.unstubAllEnvs()
})
test('write is spied on', () => {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  process.stdout.write('unseen')
  expect(write).toHaveBeenCalledTimes(1)
})
