/** The examples that are run against the shop, one after the other. Each has one test that fails on purpose. */
export interface Suite {
  readonly runner: string
  /** Below `examples`. */
  readonly folder: string
  /** Where the runner's own summary says how many tests failed. */
  readonly failed: RegExp
}

export const suites: readonly Suite[] = [
  { runner: 'Vitest', folder: '01-vitest', failed: /^ *Tests +(\d+) failed/m },
  { runner: 'Jest', folder: '02-jest', failed: /^Tests: +(\d+) failed/m },
  { runner: 'Playwright', folder: '03-playwright', failed: /^ *(\d+) failed$/m },
  { runner: 'Mocha', folder: '04-mocha', failed: /^ *(\d+) failing$/m },
  { runner: 'node:test', folder: '05-node-test', failed: /^\S* *fail (\d+)$/m },
]

export const onPurpose = 'fails on purpose'
