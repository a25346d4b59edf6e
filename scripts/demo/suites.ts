/** The examples that are run against the shop, one after another. Each has one test that fails on purpose. */
export interface Suite {
  readonly runner: string
  /** The folder, below `examples`. */
  readonly folder: string
  /** Matches the number of failed tests in the runner's summary. */
  readonly failed: RegExp
  /** Additional commands in the suite's folder: before it, while its failed test's data is kept, and after that is removed. */
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
