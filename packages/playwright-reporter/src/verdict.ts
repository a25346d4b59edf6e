/** The verdict of an attempt, read after the hooks and the user's fixtures. */
import type { Verdict } from '@dustpan/core/worker'
import type { TestInfo } from '@playwright/test'

export interface AttemptVerdict {
  readonly verdict: Verdict
  readonly willRetry: boolean
}

/** @param retries the test's own, where its describe group overrides the project */
export function attemptVerdict(info: TestInfo, retries: number = info.project.retries): AttemptVerdict {
  const { status, expectedStatus } = info
  if (status === 'interrupted' || status === 'skipped') return { verdict: status, willRetry: false }
  const failed = status !== expectedStatus
  return { verdict: failed ? 'failed' : 'passed', willRetry: failed && info.retry < retries && !isAborted(info) }
}

/** Playwright does not retry after `test.abort()`. */
const isAborted = ({ annotations }: TestInfo): boolean => annotations.some(({ type }) => type === 'abort')

/** The verdict of a scope that several tests share. */
export function worst(verdicts: Iterable<Verdict>): Verdict {
  const all = new Set(verdicts)
  return (['failed', 'interrupted'] as const).find((verdict) => all.has(verdict)) ?? 'passed'
}
