/** Warns when the reporter or the fixtures are missing, or when Playwright's internals have changed. */
import type { Code } from '@dustpan/core'

const mark = Symbol.for('dustpan/playwright/fixtures')
const globals = globalThis as unknown as Record<symbol, true | undefined>

/** Notes that this process has loaded the fixtures: Playwright loads test files in the main process too, to list the tests. */
export function markFixtures(): void {
  Object.defineProperty(globals, mark, { value: true, configurable: true, enumerable: false })
}

/** In the main process. With `--ui`, and in editors, another process loads the test files. */
export function warnWithoutFixtures(): void {
  if (globals[mark] || process.argv.some((arg) => /^(--ui\b|test-server$)/.test(arg))) return
  warn(
    'DUSTPAN_NO_FIXTURES',
    "Dustpan's reporter runs, but no test uses its fixtures, so nothing is tracked.",
    "In test files: import { expect, test } from '@dustpan/playwright-reporter/test'",
  )
}

/** In a worker. */
export function warnWithoutReporter(workerIndex: number): void {
  if (workerIndex > 0 || process.env.DUSTPAN_DISABLED === '1') return
  warn(
    'DUSTPAN_NO_REPORTER',
    "Tests use Dustpan's fixtures, but its reporter does not run, so nothing is tracked.",
    "In playwright.config: reporter: [['list'], ['@dustpan/playwright-reporter']]; --reporter on the command line takes the place of that.",
  )
}

/** In a worker. */
export function warnRunnerChanged(consequence: string): void {
  if (process.env.TEST_WORKER_INDEX !== '0') return
  const hint = 'Look for a newer @dustpan/playwright-reporter.'
  warn('DUSTPAN_RUNNER_CHANGED', `This Playwright has changed inside, so ${consequence}.`, hint)
}

function warn(code: Code, message: string, hint: string): void {
  process.stderr.write(`dustpan: ${code}: ${message} ${hint}\n`)
}
