import { relative } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { root } from './workspace.ts'

/** Files that take half a minute or more. Driver tests, which mostly wait for servers, alternate with those that use the CPU. */
export const long: readonly string[] = [
  'packages/conformance/test/drivers/redis.test.ts',
  'packages/conformance/test/non-interference.test.ts',
  'packages/conformance/test/runner/playwright.test.ts',
  'packages/conformance/test/drivers/clickhouse.test.ts',
  'scripts/test/chaos.test.ts',
  'scripts/test/snippets.test.ts',
  'packages/conformance/test/runner/jest.test.ts',
  'packages/conformance/test/drivers/mongodb.test.ts',
  'packages/conformance/test/runner/vitest.test.ts',
  'scripts/test/demo.test.ts',
  'scripts/test/workflows.test.ts',
  'packages/conformance/test/drivers/postgres.test.ts',
  'packages/conformance/test/ledgers/two-machines/postgres.test.ts',
  'packages/conformance/test/ledgers/two-machines/redis.test.ts',
  'packages/jest-environment/test/output.test.ts',
  'packages/conformance/test/runner/node-test.test.ts',
  'packages/conformance/test/drivers/sqlite.test.ts',
  'packages/conformance/test/application-rows/two-workers.test.ts',
  'packages/conformance/test/runner/mocha.test.ts',
  'packages/conformance/test/drivers/kafka.test.ts',
  'packages/node-test/test/semantics.test.ts',
  'packages/jest-environment/test/workers.test.ts',
  'packages/conformance/test/drivers/mysql.test.ts',
  'packages/playwright-reporter/test/semantics.test.ts',
  'packages/vitest-plugin/test/stores.test.ts',
  'packages/conformance/test/drivers/mariadb.test.ts',
  'packages/node-test/test/runs.test.ts',
]

/**
 * A fresh clone has no recorded durations, so Vitest sorts by size and would run the longest tests, which are short files,
 * last.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => placeOf(a) - placeOf(b))
  }
}

function placeOf({ moduleId }: TestSpecification): number {
  const place = long.indexOf(relative(root, moduleId))
  return place === -1 ? long.length : place
}
