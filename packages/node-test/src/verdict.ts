import type { Verdict } from '@dustpan/core/worker'
import type { NodeTest } from './node-test.ts'

/** Called before Node sets the result: a failed `after` hook still counts. An expected failure counts as passed. */
export function testVerdict({ skipped, passed, isTodo }: NodeTest, hookError: unknown): Verdict {
  if (skipped) return 'skipped'
  return isTodo || (passed && hookError === null) ? 'passed' : 'failed'
}

/** The verdict of all tests of a process. */
export function fileVerdict({ subtests }: NodeTest, hookError: unknown): Verdict {
  const failed = subtests.some(({ passed, isTodo }) => !passed && !isTodo)
  return failed || hookError !== null ? 'failed' : 'passed'
}
