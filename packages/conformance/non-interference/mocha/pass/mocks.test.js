import assert from 'node:assert/strict'
import sinon from 'sinon'

afterEach(() => sinon.restore())

describe('fake timers', () => {
  it('of every kind', () => {
    const clock = sinon.useFakeTimers({
      now: 0,
      toFake: ['setTimeout', 'setImmediate', 'Date', 'nextTick', 'queueMicrotask', 'performance'],
    })
    const done = sinon.fake()
    setTimeout(done, 1000)
    setImmediate(done)
    process.nextTick(done)
    queueMicrotask(done)
    clock.tick(1000)
    assert.equal(done.callCount, 4)
    assert.equal(Date.now(), 1000)
    assert.equal(clock.countTimers(), 0)
  })
  it('left on', () => {
    assert.equal(sinon.useFakeTimers().countTimers(), 0)
  })
})
it('fetch', async () => {
  sinon.replace(
    globalThis,
    'fetch',
    sinon.fake(async () => new Response('{"id":1}', { status: 201 })),
  )
  assert.deepEqual(await (await fetch('http://localhost:1/users', { method: 'POST' })).json(), { id: 1 })
  assert.equal(fetch.callCount, 1)
})
it('spies', () => {
  const write = sinon.stub(process.stdout, 'write')
  console.log('unseen')
  const { callCount } = write
  write.restore()
  assert.equal(callCount, 1)
})
