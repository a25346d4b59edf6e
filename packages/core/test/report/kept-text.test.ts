import { expect, test } from 'vitest'
import { keptText } from '../../src/report/kept-text.ts'

const scope = { id: 's', kind: 'test', attempt: 0, resources: [] } as const
const keptUntil = '2026-11-22T05:12:00.000Z'

test.each([
  [{ decision: 'keep', why: 'the test failed', keptUntil }, 'kept: the test failed, until 2026-11-22 05:12 UTC'],
  [
    { decision: 'keep', why: 'strategy delayed', delayed: true, keptUntil },
    'to be removed at 2026-11-22 05:12 UTC: strategy delayed',
  ],
  [{ decision: 'keep', why: 'strategy manual' }, 'kept: strategy manual'],
  [{ decision: 'remove', why: 'the test passed' }, ''],
] as const)('keptText() of %j: %s', (ending, expected) => {
  expect(keptText({ ...scope, ...ending })).toBe(expected)
})
