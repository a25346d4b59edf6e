/** The verdict of an attempt or a file, read after the user's own hooks. */
import type { Verdict } from '@dustpan/core/worker'
import { fileOf } from './files.ts'
import type { Hook, Runnable, Suite, Test } from './mocha.ts'

export interface Ending {
  readonly verdict: Verdict
  readonly willRetry: boolean
  /** The runnable that the failure is shown for. */
  readonly failed: Runnable | undefined
}

/** Mocha sets `passed` before the `afterEach` hooks run, and sets no state when `beforeEach` fails or a retry follows. */
export function attemptEnding(test: Test): Ending {
  const hook = newlyFailedHook(test)
  const failed = test.state === 'failed' ? test : hook
  if (failed) return { verdict: 'failed', willRetry: false, failed }
  if (test.pending || test.state === 'pending') return { verdict: 'skipped', willRetry: false, failed }
  if (test.state === 'passed') return { verdict: 'passed', willRetry: false, failed }
  return { verdict: 'failed', willRetry: test.currentRetry() < test.retries(), failed }
}

/** A failed hook keeps its state, so it counts only for the test after which it is first seen. */
const seen = new WeakSet<Hook>()

function newlyFailedHook({ parent }: Test): Hook | undefined {
  let found: Hook | undefined
  for (let suite: Suite | undefined = parent; suite; suite = suite.parent) {
    found = firstFailed(suite._beforeEach) ?? firstFailed(suite._afterEach) ?? found
  }
  return found
}

function firstFailed(hooks: readonly Hook[]): Hook | undefined {
  for (const hook of hooks) {
    if (hook.state !== 'failed' || seen.has(hook)) continue
    seen.add(hook)
    return hook
  }
  return undefined
}

/** From the hooks outside tests; failed tests count by themselves. Without a file: hooks that belong to none. */
export function fileEnding(root: Suite | undefined, file: string | undefined): Ending {
  const hooks = root === undefined ? [] : hooksAround(root)
  const failed = hooks.find((hook) => hook.state === 'failed' && fileOf(hook) === file)
  return { verdict: failed ? 'failed' : 'passed', willRetry: false, failed }
}

const hooksAround = (suite: Suite): Hook[] => [
  ...suite._beforeAll,
  ...suite._afterAll,
  ...suite.suites.flatMap(hooksAround),
]
