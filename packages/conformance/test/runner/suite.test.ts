/** The runner suite detects runners that do not conform. */
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

test('a runner without its adapter fails with the expected and the actual result', async () => {
  const bare: Dialect = { ...mocha, config: { ...mocha.config, adapted: mocha.config.bare } }

  expect(await outcomeOf(bare, 'only')).toMatchObject({
    is: 'failed',
    expected: { ledger: ['is wanted (passed): user removed'], left: [], runs: 1 },
    actual: { ledger: [], left: ['users/N'], runs: 0 },
  })
})

test('an excuse fails when the runner has the feature that it was excused for', async () => {
  const offered: Dialect = { ...mocha, excuses: [{ cases: ['only'], reason: 'no only', probe: /^it\.only$/ }] }

  expect(await outcomeOf(offered, 'only')).toMatchObject({ is: 'failed', actual: 'it.only' })
})

test('an excuse fails when the runner no longer refuses the excused test', async () => {
  const probe = { test: `import { it } from 'mocha'\nit('passes', () => {})`, refusal: /it is not allowed/ }
  const allowed: Dialect = { ...mocha, excuses: [{ cases: ['only'], reason: 'it is refused', probe }] }

  expect(await outcomeOf(allowed, 'only')).toMatchObject({ is: 'failed', actual: 'it is not refused' })
})

test('a case without a way to run it and without an excuse is an error', async () => {
  const { only: _, ...modes } = mocha.modes

  await expect(outcomeOf({ ...mocha, modes }, 'only')).rejects.toThrow('neither a way to, nor an excuse for: only')
})

test('case names and their test files are unique', () => {
  const names = cases.map(({ name }) => name)
  const files = cases.flatMap((one) => Object.keys(one.files))

  expect(names).toEqual([...new Set(names)])
  expect(files).toEqual([...new Set(files)])
})

test('every excuse is for an existing case', () => {
  const names = new Set(cases.map(({ name }) => name))
  const excuses = dialects.flatMap(({ excuses, versions }) => [
    ...excuses,
    ...versions.flatMap((one) => one.excuses ?? []),
  ])

  expect(excuses.flatMap((one) => one.cases).filter((name) => !names.has(name))).toEqual([])
})

test('the table in docs/runners.md is current (npm run conformance -- --table writes it)', () => {
  const page = readFileSync(new URL('../../../../docs/runners.md', import.meta.url), 'utf8')

  expect(page).toContain(runnersTable())
})
