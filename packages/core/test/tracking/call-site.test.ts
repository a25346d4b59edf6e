import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { joinRun } from '../../src/runner/session.ts'
import { testRun } from '../run.ts'

test('a call without a stack frame of the user has the adapter’s call site as source', async () => {
  const { main, root, folded } = await testRun()
  const callSite = () => ({ file: join(root, 'tests', 'cart.spec.ts'), line: 12 })
  const session = await joinRun(main.ticket, { moduleHooks: false, callSite })
  onTestFinished(() => session[Symbol.asyncDispose]())
  const scope = session.openScope(undefined, { kind: 'test', path: ['clicks'], attempt: 0 })
  const request = { method: 'POST', origin: 'http://localhost:1', path: '/orders', headers: () => [] }
  // Called by Node itself: no frame of this file.
  scope.run(() => setImmediate(session.seesRequest, request))
  await new Promise((resolve) => setImmediate(resolve))
  expect([...folded().intents.values()]).toMatchObject([{ via: 'POST /orders', source: 'tests/cart.spec.ts:12' }])
})
