import type { Verdict } from '@dustpan/core/worker'
import type { NodeTest } from './node-test.ts'

/** Before Node has settled it: a failed `after` hook still counts. What is expected to fail has passed. */
export function testVerdict({ skipped, passed, isTodo }: NodeTest, hookError: unknown): Verdict {
  if (skipped) return 'skipped'
  return isTodo || (passed && hookError === null) ? 'passed' : 'failed'
}

/** Of all tests of a process. */
export function fileVerdict({ subtests }: NodeTest, hookError: unknown): Verdict {
  const failed = subtests.some(({ passed, isTodo }) => !passed && !isTodo)
  return failed || hookError !== null ? 'failed' : 'passed'
}
