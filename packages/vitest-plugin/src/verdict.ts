/** The verdict of an attempt or a file, read inside the worker after the user's own hooks. */
import type { Verdict } from '@dustpan/core/worker'
import type { RunnerTask, RunnerTestSuite } from 'vitest'

/** Vitest inverts the result of `test.fails` only after our hook. */
export function attemptVerdict(
  task: RunnerTask,
  signal: AbortSignal,
): { verdict: Verdict; willRetry: boolean | 'unknown' } {
  const state = task.result?.state
  if (state === 'skip') return { verdict: signal.aborted ? 'interrupted' : 'skipped', willRetry: false }
  const failed = (task as { fails?: boolean }).fails ? state === 'pass' : state === 'fail'
  return { verdict: failed ? 'failed' : 'passed', willRetry: failed && retriesLeft(task) }
}

function retriesLeft(task: RunnerTask): boolean | 'unknown' {
  const { retry } = task as { retry?: number | { count?: number; condition?: unknown } }
  const { count = 0, condition } = typeof retry === 'number' ? { count: retry, condition: undefined } : (retry ?? {})
  if ((task.result?.retryCount ?? 0) >= count) return false
  return condition === undefined ? true : 'unknown'
}

/** Vitest sets a file's state only after our hook, so the verdict is derived from its tasks. */
export function fileVerdict(file: RunnerTestSuite): Verdict {
  return file.result?.errors?.length || file.tasks.some(failed) ? 'failed' : 'passed'
}

const failed = (task: RunnerTask): boolean =>
  task.result?.state === 'fail' || ('tasks' in task && task.tasks.some(failed))
