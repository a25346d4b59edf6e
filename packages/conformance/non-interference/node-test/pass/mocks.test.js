import assert from 'node:assert/strict'
import { afterEach, mock, test } from 'node:test'

afterEach(() => {
  mock.timers.reset()
  mock.restoreAll()
})

test('timers', () => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'setImmediate', 'Date'], now: 0 })
  const done = mock.fn()
  setTimeout(done, 1000)
  setImmediate(done)
  mock.timers.tick(1000)
  assert.equal(done.mock.callCount(), 2)
  assert.equal(Date.now(), 1000)
})
test('timers left on', (t) => t.mock.timers.enable({ now: 5 }))
test('fetch', async (t) => {
  t.mock.method(globalThis, 'fetch', async () => new Response('{"id":1}', { status: 201 }))
  assert.deepEqual(await (await fetch('http://localhost:1/users', { method: 'POST' })).json(), { id: 1 })
  assert.equal(fetch.mock.callCount(), 1)
})
test('modules', async (t) => {
  t.mock.module('../src/send.js', { namedExports: { greet: () => 'mocked' } })
  assert.equal((await import('../src/send.js')).greet('ann'), 'mocked')
})
test('console', (t) => {
  const log = t.mock.method(console, 'log', () => {})
  console.log('unseen')
  assert.deepEqual(log.mock.calls[0].arguments, ['unseen'])
})
