import { describe, expect, onTestFinished, test } from 'vitest'
import { DustpanError } from '../../src/errors/dustpan-error.ts'
import { openLedgerRun } from '../../src/recovery/ledger-run.ts'
import type { Condition, Verdict } from '../../src/resource/resource.ts'
import { track } from '../../src/tracking/facade.ts'
import { close, row, testRun } from '../run.ts'

/** A user removed by `steps`, each from its own table. */
async function removed(
  steps: readonly { table: string; when?: Condition; fails?: true }[],
  { verdict = 'passed', environment = 'test' }: { verdict?: Verdict; environment?: 'test' | 'staging' } = {},
) {
  const run = await testRun({ environment, profiles: { staging: { database: true } } })
  const scoped = run.openTest('t')
  for (const { table } of steps) row(run.store, table, 7)
  run.store.script.answer = ({ removal }) => {
    const { type } = removal.args as { type: string }
    if (!steps.find(({ table }) => table === type)?.fails) return { state: 'removed', result: type }
    return { state: 'failed', error: new DustpanError('DUSTPAN_REMOVAL_FAILED', 'no'), retry: false }
  }
  const specs = steps.map(({ table, when }) => ({ table, store: 'main', ...(when ? { when: when as never } : {}) }))
  const [remove, ...fallback] = specs as [(typeof specs)[number], ...typeof specs]
  scoped.run(() => track({ type: 'user', id: 7, remove, fallback }))
  const report = await close(scoped, verdict)
  const [resource] = report?.scopes.flatMap(({ resources }) => resources) ?? []
  return { ...run, report: resource, folded: [...run.folded().resources.values()][0] }
}

function setEnv(name: string, value: string): void {
  process.env[name] = value
  onTestFinished(() => void delete process.env[name])
}

describe('a step with a condition', () => {
  test.each<[Condition, Verdict, 'test' | 'staging', boolean]>([
    [{ environment: 'test' }, 'passed', 'test', true],
    [{ environment: 'test' }, 'passed', 'staging', false],
    [{ environment: ['test', 'staging'] }, 'passed', 'staging', true],
    [{ outcome: 'failed' }, 'failed', 'test', true],
    [{ outcome: 'failed' }, 'passed', 'test', false],
    [{ outcome: ['failed', 'passed'] }, 'passed', 'test', true],
    [{ env: 'DUSTPAN_TEST_SET' }, 'passed', 'test', true],
    [{ env: 'DUSTPAN_TEST_SET = yes' }, 'passed', 'test', true],
    [{ env: 'DUSTPAN_TEST_SET = no' }, 'passed', 'test', false],
    [{ env: 'DUSTPAN_TEST_OFF' }, 'passed', 'test', false],
    [{ env: 'DUSTPAN_TEST_UNSET' }, 'passed', 'test', false],
    [{ environment: 'test', outcome: 'failed' }, 'passed', 'test', false],
    [{ earlier: 'failed' }, 'passed', 'test', false],
  ])('applies if all of %j holds: after a test that %s, in %s: %s', async (when, verdict, environment, isApplied) => {
    setEnv('DUSTPAN_TEST_SET', 'yes')
    setEnv('DUSTPAN_TEST_OFF', 'false')
    const { report, store } = await removed([{ table: 'a', when }], { verdict, environment })
    expect(report?.state).toBe(isApplied ? 'removed' : 'kept')
    expect(store.calls.includes('remove user 7')).toBe(isApplied)
  })
})

test('a resource is kept with a reason when none of its steps applies', async () => {
  const { report, folded } = await removed([
    { table: 'a', when: { environment: 'staging' } },
    { table: 'b', when: { outcome: 'failed' } },
  ])
  const why = 'skipped step 1: environment is test; step 2: the outcome is passed'
  expect(report).toMatchObject({ state: 'kept', why })
  expect(folded).toMatchObject({ state: 'kept', why })
})

test('the next step applies when one is skipped, and both are reported', async () => {
  const { report, folded } = await removed([{ table: 'a', when: { environment: 'staging' } }, { table: 'b' }])
  expect(report).toMatchObject({ state: 'removed', result: 'b, skipped step 1: environment is test' })
  expect(folded).toMatchObject({ state: 'removed', skipped: [{ step: 1, why: 'environment is test' }] })
})

test.each<[string, readonly { table: string; when?: Condition; fails?: true }[], string]>([
  [
    'failed applies after a failed step',
    [
      { table: 'a', fails: true },
      { table: 'b', when: { earlier: 'failed' } },
    ],
    'removed b',
  ],
  [
    'failed does not apply after a skipped step',
    [
      { table: 'a', when: { outcome: 'failed' } },
      { table: 'b', when: { earlier: 'failed' } },
    ],
    'kept',
  ],
  [
    'skipped does not apply after a failed step',
    [
      { table: 'a', fails: true },
      { table: 'b', when: { earlier: 'skipped' } },
    ],
    'failed',
  ],
])('a fallback with earlier: %s', async (_, steps, expected) => {
  const { report } = await removed(steps)
  expect(`${report?.state} ${report?.result?.split(',')[0] ?? ''}`.trim()).toBe(expected)
})

test('another process applies conditions to the result of the test', async () => {
  const { openTest, store, session, main, states } = await testRun({ cleanup: { strategy: 'manual' } })
  for (const verdict of ['passed', 'failed'] as const) {
    const scoped = openTest(verdict)
    const remove = { table: 'user', store: 'main', when: { outcome: 'failed' } }
    scoped.run(() => track({ ...row(store, 'user', verdict), remove }))
    await close(scoped, verdict)
  }
  const run = await openLedgerRun(session.settings, main.ticket, 'cli')
  await run?.remove([...(run?.folded().resources.values() ?? [])])
  await run?.[Symbol.asyncDispose]()
  expect(states()).toEqual({ 'user passed': 'kept', 'user failed': 'removed' })
})

test.each([
  [{ answer: 'body.status' }, 'remove.when has answer, which only rules of http() support.'],
  [
    { somewhere: 1 },
    'remove.when expected its parts to be environment, outcome, env, earlier, answer, got "somewhere".',
  ],
  ['always', 'remove.when expected an object, got "always".'],
])('a condition of %j is rejected by track()', async (when, message) => {
  const { openTest } = await testRun()
  const remove = { table: 'user', store: 'main', when: when as never }
  expect(() => openTest('t').run(() => track({ type: 'user', id: 7, remove }))).toThrow(
    expect.objectContaining({ code: 'DUSTPAN_INVALID_ARGUMENT', message }),
  )
})
