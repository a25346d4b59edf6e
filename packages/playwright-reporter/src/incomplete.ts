/** Reporter and fixtures need each other, and both of them a Playwright that they know: whoever lacks one is told, once. */
import type { Code } from '@dustpan/core'

const mark = Symbol.for('dustpan/playwright/fixtures')
const home = globalThis as unknown as Record<symbol, true | undefined>

/** This process has loaded the fixtures. To list the tests, Playwright loads their files in the main process too. */
export function markFixtures(): void {
  Object.defineProperty(home, mark, { value: true, configurable: true, enumerable: false })
}

/** In the main process. With `--ui`, and in editors, another process loads the test files. */
export function tellWithoutFixtures(): void {
  if (home[mark] || process.argv.some((arg) => /^(--ui\b|test-server$)/.test(arg))) return
  tell(
    'DUSTPAN_NO_FIXTURES',
    "Dustpan's reporter runs, but no test uses its fixtures, so nothing is tracked.",
    "In test files: import { expect, test } from '@dustpan/playwright-reporter/test'",
  )
}

/** In a worker. */
export function tellWithoutReporter(workerIndex: number): void {
  if (workerIndex > 0 || process.env.DUSTPAN_DISABLED === '1') return
  tell(
    'DUSTPAN_NO_REPORTER',
    "Tests use Dustpan's fixtures, but its reporter does not run, so nothing is tracked.",
    "In playwright.config: reporter: [['list'], ['@dustpan/playwright-reporter']]; --reporter on the command line takes the place of that.",
  )
}

/** In a worker. */
export function tellRunnerChanged(consequence: string): void {
  if (process.env.TEST_WORKER_INDEX !== '0') return
  const hint = 'Look for a newer @dustpan/playwright-reporter.'
  tell('DUSTPAN_RUNNER_CHANGED', `This Playwright has changed inside, so ${consequence}.`, hint)
}

function tell(code: Code, message: string, hint: string): void {
  process.stderr.write(`dustpan: ${code}: ${message} ${hint}\n`)
}
