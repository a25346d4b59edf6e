/** One test for each case, so that a failure names it. */
import { cases, conformance, type Dialect } from '@dustpan/conformance/runner'
import { type Server, startServer } from '@dustpan/conformance/servers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** Tests the newest version; `npm run conformance` tests all. */
export function conforms(dialect: Dialect): void {
  const version = dialect.versions[0]
  describe(`${dialect.name} ${version.version}`, () => {
    let postgres: Server
    let conform: ReturnType<typeof conformance>
    beforeAll(async () => {
      postgres = await startServer()
      conform = conformance(dialect, version, postgres)
    })
    afterAll(() => postgres[Symbol.asyncDispose]())

    test.for(cases)('$name', { timeout: 400_000 }, async (one) => {
      const outcome = await conform.outcomeOf(one)
      if (outcome.is === 'failed') expect(outcome.actual, outcome.output).toEqual(outcome.expected)
      expect(outcome.is).not.toBe('failed')
    })
  })
}
