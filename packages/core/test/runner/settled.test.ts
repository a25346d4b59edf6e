import { expect, test } from 'vitest'
import { testRun } from '../run.ts'

const request = {
  method: 'POST',
  origin: 'http://localhost:1',
  path: '/users',
  headers: () => [],
}

test('settled() waits for answers and transactions that are under way', async () => {
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

test('settled() gives up in time', async () => {
  const { session, openTest } = await testRun()
  openTest('t').run(() => session.seesRequest(request))
  await expect(session.settled(20)).resolves.toBeUndefined()
})
