/** Reasons why a scope's data was removed or kept, as text. */
import type { PolicyReason } from '../journal/events.ts'

const texts: Readonly<Record<PolicyReason, string>> = {
  'keep-all': 'DUSTPAN_KEEP=all',
  'keep-none': 'DUSTPAN_KEEP=none',
  'keep-failed': 'DUSTPAN_KEEP=failed',
  'auto-cleanup-off': 'autoCleanup is off',
  'will-retry': 'the test will be retried',
  'strategy-manual': 'strategy manual',
  'strategy-delayed': 'strategy delayed',
  'strategy-immediate': 'strategy immediate',
  'on-success-off': 'onSuccess is off',
  'on-failure': 'onFailure is on',
  'test-passed': 'the test passed',
  'test-failed': 'the test failed',
  'test-skipped': 'the test was skipped',
  'test-lost': 'the test was lost',
  'run-interrupted': 'the run was interrupted',
}

/** Other reasons, and texts written by older versions, are unchanged. */
export const policyText = (why: string): string => (Object.hasOwn(texts, why) ? texts[why as PolicyReason] : why)
