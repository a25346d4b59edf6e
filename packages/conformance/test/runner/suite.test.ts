/** That the suite notices what it is there to notice. */
import { readFileSync } from 'node:fs'
import { type Case, cases, conformance, type Dialect, dialects } from '@dustpan/conformance/runner'
import { type Server, startServer } from '@dustpan/conformance/servers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mocha } from '../../src/runner/dialects/mocha.ts'
import { runnersTable } from '../../src/runner/table.ts'

let postgres: Server
beforeAll(async () => {
  postgres = await startServer()
})
afterAll(() => postgres[Symbol.asyncDispose]())

const outcomeOf = (dialect: Dialect, name: string) =>
  conformance(dialect, dialect.versions[0], postgres).outcomeOf(cases.find((one) => one.name === name) as Case)

test('without its adapter a runner fails, and what is expected and what is there are told', async () => {
  const bare: Dialect = { ...mocha, config: { ...mocha.config, adapted: mocha.config.bare } }

  expect(await outcomeOf(bare, 'only')).toMatchObject({
    is: 'failed',
    expected: { ledger: ['is wanted (passed): user removed'], left: [], runs: 1 },
    actual: { ledger: [], left: ['users/N'], runs: 0 },
  })
})

test('an excuse is over when the runner offers what it was said to lack', async () => {
  const offered: Dialect = { ...mocha, excuses: [{ cases: ['only'], reason: 'no only', probe: /^it\.only$/ }] }

  expect(await outcomeOf(offered, 'only')).toMatchObject({ is: 'failed', actual: 'it.only' })
})

test('an excuse is over when the runner no longer refuses', async () => {
  const probe = { test: `import { it } from 'mocha'\nit('passes', () => {})`, refusal: /it is not allowed/ }
  const allowed: Dialect = { ...mocha, excuses: [{ cases: ['only'], reason: 'it is refused', probe }] }

  expect(await outcomeOf(allowed, 'only')).toMatchObject({ is: 'failed', actual: 'it is not refused' })
})

test('a case that a runner has neither a way to run nor an excuse for is an error', async () => {
  const { only: _, ...modes } = mocha.modes

  await expect(outcomeOf({ ...mocha, modes }, 'only')).rejects.toThrow('neither a way to, nor an excuse for: only')
})

test('each case has a name and test files of its own', () => {
  const names = cases.map(({ name }) => name)
  const files = cases.flatMap((one) => Object.keys(one.files))

  expect(names).toEqual([...new Set(names)])
  expect(files).toEqual([...new Set(files)])
})

test('excuses are for cases that exist', () => {
  const names = new Set(cases.map(({ name }) => name))
  const excuses = dialects.flatMap(({ excuses, versions }) => [
    ...excuses,
    ...versions.flatMap((one) => one.excuses ?? []),
  ])

  expect(excuses.flatMap((one) => one.cases).filter((name) => !names.has(name))).toEqual([])
})

test('docs/runners.md has the table: npm run conformance -- --table writes it', () => {
  const page = readFileSync(new URL('../../../../docs/runners.md', import.meta.url), 'utf8')

  expect(page).toContain(runnersTable())
})
