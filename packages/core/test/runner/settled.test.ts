import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { http } from '../../src/index.ts'
import { requireInstance } from '../../src/tracking/instance.ts'
import { testRun } from '../run.ts'
import { removal } from '../scripted-store.ts'

const use = join(import.meta.dirname, '../scripted-store.ts')

const request = {
  method: 'POST',
  origin: 'http://localhost:1',
  path: '/users',
  headers: () => [],
}

test('settled() waits for open requests and transactions', async () => {
  const { session, sink, openTest } = await testRun()
  const order: string[] = []
  await openTest('t').run(async () => {
    const exchange = session.seesRequest(request)
    const transaction = sink.transaction({ id: 'x' })
    setTimeout(() => {
      order.push('answered')
      exchange?.failed(false)
    }, 20)
    setTimeout(() => {
      order.push('committed')
      transaction.settle('committed')
    }, 40)
    await session.settled(60_000)
    order.push('settled')
  })
  expect(order).toEqual(['answered', 'committed', 'settled'])
})

test('interrupt() waits for open statements and removes what they created, and settled() does not wait again', async () => {
  const { sink, session, store, openTest, states } = await testRun()
  const draft = { kind: use, store: { id: store.id }, type: 'user', via: 'INSERT INTO users' }
  openTest('t').run(() => {
    store.rows.set('user 1', {})
    const pending = sink.begin(draft)
    sink.begin(draft)
    const steps = [removal('user', '$driver')]
    setTimeout(() => pending?.created([{ type: 'user', keys: [1], steps, proof: { strength: 'key-only' } }]), 30)
  })
  await session.interrupt()
  expect(states()).toEqual({ 'user 1': 'removed' })
  // Would exceed the test's timeout if it waited.
  await session.settled(600_000)
})

test('settled() gives up after its timeout', async () => {
  const { session, openTest } = await testRun()
  openTest('t').run(() => session.seesRequest(request))
  await expect(session.settled(20)).resolves.toBeUndefined()
})

test('interrupt() waits for an open request and removes what it created', async () => {
  const requests: string[] = []
  const server = createServer(({ method = '', url = '' }, response) => {
    requests.push(`${method} ${url}`)
    if (method === 'DELETE') return response.writeHead(204).end()
    setTimeout(() => response.writeHead(201, { 'content-type': 'application/json' }).end('{"id":7}'), 100)
  })
  onTestFinished(() => void server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const origin = `http://127.0.0.1:${port}`
  const { session, openTest } = await testRun({ drivers: [http({ origins: [origin] })] })
  openTest('t').run(() => void fetch(`${origin}/users`, { method: 'POST' }))
  await once(server, 'request')
  await session.interrupt()
  expect(requests).toEqual(['POST /users', 'DELETE /users/7'])
})

test('interrupt() waits for a scope that is being closed', async () => {
  const { session, openTest } = await testRun()
  const order: string[] = []
  const scope = openTest('t')
  scope.run(() =>
    requireInstance('the test').track({
      type: 'thing',
      id: 1,
      remove: async () => {
        await new Promise((resolve) => setTimeout(resolve, 50))
        order.push('removed')
      },
    }),
  )
  void scope.close('passed', { willRetry: false })
  await session.interrupt()
  expect(order).toEqual(['removed'])
})
