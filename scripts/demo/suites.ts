/** The examples that are run against the shop, one after the other. Each has one test that fails on purpose. */
export interface Suite {
  readonly runner: string
  /** Below `examples`. */
  readonly folder: string
  /** Where the runner's own summary says how many tests failed. */
  readonly failed: RegExp
  /** Commands that are run as well, in the folder of the suite: before it, while its failed test's data is still there, and when that is gone. */
  readonly before?: readonly string[]
  readonly whileKept?: readonly string[]
  readonly after?: readonly string[]
}

export const suites: readonly Suite[] = [
  { runner: 'Vitest', folder: '01-vitest', failed: /^ *Tests +(\d+) failed/m },
  { runner: 'Jest', folder: '02-jest', failed: /^Tests: +(\d+) failed/m },
  { runner: 'Playwright', folder: '03-playwright', failed: /^ *(\d+) failed$/m },
  { runner: 'Mocha', folder: '04-mocha', failed: /^ *(\d+) failing$/m },
  { runner: 'node:test', folder: '05-node-test', failed: /^\S* *fail (\d+)$/m },
  {
    ...{ runner: 'Vitest, shared staging', folder: '06-shared-staging', failed: /^ *Tests +(\d+) failed/m },
    before: ['node staging/yesterday.ts', 'node staging/census.ts before'],
    whileKept: ['node staging/census.ts'],
    after: ['dustpan bulk --owner 3 --yes', 'dustpan bulk --tag sweep --yes', 'node staging/census.ts'],
  },
]

export const onPurpose = 'fails on purpose'
