import { expect, test } from 'vitest'
import { recordsOfTests } from './reports.ts'

test('a record names its run, test, process and project', () => {
  const [record] = recordsOfTests({
    'adds an item': [{ type: 'user', keys: [7], state: 'kept', source: 'a.test.ts:1' }],
  })
  expect(record).toEqual({
    ...{ run: '20261121-051207-k3f9x2', runner: 'vitest 5.1.1', environment: 'local', projectVersion: '1.2.3' },
    ...{ agent: 'vm', createdBy: 'dustpan', createdAt: '2026-11-21T05:12:00.002Z' },
    worker: { writer: 'w', role: 'main', host: 'vm', pid: 1, thread: 0 },
    flow: {
      ...{ id: 'w-s0', kind: 'test', file: 'test/cart.test.ts', titles: ['adds an item'], attempt: 0 },
      ...{ verdict: 'failed', decision: 'keep', why: 'the test failed', keptUntil: '2026-11-22T05:12:00.000Z' },
    },
    ...{ id: 'w-s0.0.0', type: 'user', key: '7', store: 'http', storeId: 'http://localhost:3000' },
    ...{ removal: 'DELETE /users/7', state: 'kept', why: 'the test failed', proof: 'key-only', origin: 'tracked' },
    ...{ attributed: 'test', lifetime: 'test', attempts: 0, durationMs: 0, source: 'a.test.ts:1' },
  })
})
