/** How an attempt ended, known when hooks and the user's fixtures are over. */
import type { Verdict } from '@dustpan/core/worker'
import type { TestInfo } from '@playwright/test'

export interface AttemptVerdict {
  readonly verdict: Verdict
  readonly willRetry: boolean
}

/** @param retries of the test, where its describe group says otherwise than the project */
export function attemptVerdict(info: TestInfo, retries: number = info.project.retries): AttemptVerdict {
  const { status, expectedStatus } = info
  if (status === 'interrupted' || status === 'skipped') return { verdict: status, willRetry: false }
  const failed = status !== expectedStatus
  return { verdict: failed ? 'failed' : 'passed', willRetry: failed && info.retry < retries && !isAborted(info) }
}

/** `test.abort()`: Playwright then does not try again. */
const isAborted = ({ annotations }: TestInfo): boolean => annotations.some(({ type }) => type === 'abort')

/** Of what several tests share: the worst of theirs. */
export function worst(verdicts: Iterable<Verdict>): Verdict {
  const all = new Set(verdicts)
  return (['failed', 'interrupted'] as const).find((verdict) => all.has(verdict)) ?? 'passed'
}
