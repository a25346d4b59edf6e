import { expect, test } from 'vitest'
import { DustpanError } from '../../src/errors/dustpan-error.ts'
import type { RemovalOutcome, Target } from '../../src/resource/target.ts'
import { rolledBack } from '../../src/rows/all-or-none.ts'
import { type Pipeline, pipeline } from '../pipeline.ts'
import { nameOf, removal, scriptedDriver, scriptedStore } from '../scripted-store.ts'
import { quickSettings } from '../settings.ts'

const settings = quickSettings({ cleanup: { atomic: true } })
const other = scriptedStore('scripted://localhost/other')
const otherDriver = { ...scriptedDriver(other, 'other') }

function atomically(): Pipeline {
  const store = scriptedStore()
  store.capabilities = { atomicBatch: true, maxBatch: 2 }
  return pipeline(store, { settings, drivers: [otherDriver] })
}

const elsewhere = { store: { driver: 'other', id: other.id }, steps: [removal('mail', 'other')] }
const removals = ({ store }: Pipeline) => store.calls.filter((call) => call.startsWith('remove'))

test('all resources of a scope in one store are removed in one call, beyond maxBatch', async () => {
  const run = atomically()
  run.create('user', 1)
  run.create('mail', 1, elsewhere)
  run.create('order', 1)
  run.create('order', 2)
  await run.clean()
  expect(removals(run)).toEqual([`remove order 2, order 1, user 1`])
})

test('scopes are removed in separate calls', async () => {
  const run = atomically()
  const users = [run.create('user', 1), run.create('user', 2)]
  await run.clean(users.map((user, index) => ({ ...user, scope: `s${index}` })))
  expect(removals(run)).toEqual(['remove user 2', 'remove user 1'])
})

test('dependencies across stores split the call, with a DUSTPAN_NOT_ATOMIC warning', async () => {
  const run = atomically()
  const user = run.create('user', 1)
  const mail = run.create('mail', 1, { ...elsewhere, dependsOn: [user.id] })
  run.create('order', 1, { dependsOn: [mail.id] })
  await run.clean()
  expect(removals(run)).toEqual(['remove order 1', 'remove user 1'])
  expect(run.warnings).toEqual([
    'DUSTPAN_NOT_ATOMIC: cleanup.atomic covers one store at a time, and this cleanup had resources in scripted://localhost/shop, scripted://localhost/other; resources of other are removed one by one.',
  ])
})

test('a single store does not warn', async () => {
  const run = atomically()
  run.create('user', 1)
  await run.clean()
  expect(run.warnings).toEqual([])
})

test('a dependent row proven to be the test’s joins the whole batch in a second call', async () => {
  const run = atomically()
  const user = run.create('user', 1)
  run.create('order', 1)
  run.store.rows.set('note 1', { parent: nameOf({ type: 'user', key: user.key }), afterParent: true })
  const whole = run.store.script
  whole.answer = (target: Target) => (isFirstCall(run) ? blockedOrRolledBack(target) : undefined)
  await run.clean()
  expect(removals(run)[0]).toBe('remove order 1, user 1')
  expect(removals(run).at(-1)?.split(', ').toSorted()).toHaveLength(3)
})

const isFirstCall = (run: Pipeline) => removals(run).length === 1

function blockedOrRolledBack({ type }: Target): RemovalOutcome {
  if (type === 'user') return { state: 'refused', why: 'has-dependents', detail: { dependents: [] } }
  return { state: 'failed', retry: false, error: new DustpanError('DUSTPAN_ROLLED_BACK', 'back') }
}

test('a rollback with a final failure is not retried, and every target keeps an outcome', () => {
  const refused: RemovalOutcome = { state: 'refused', why: 'not-ours', detail: null }
  const passing: RemovalOutcome = {
    state: 'failed',
    retry: {},
    error: new DustpanError('DUSTPAN_REMOVAL_FAILED', 'busy'),
  }
  const outcomes = rolledBack(
    new Map<string, RemovalOutcome>([
      ['a', { state: 'removed' }],
      ['b', refused],
      ['c', passing],
    ]),
  )
  expect(outcomes.get('b')).toBe(refused)
  expect(outcomes.get('a')).toMatchObject({ state: 'failed', retry: false, error: { code: 'DUSTPAN_ROLLED_BACK' } })
  expect(outcomes.get('c')).toMatchObject({ state: 'failed', retry: false })
})

test('a rollback caused only by retryable failures is retried as a whole', () => {
  const passing: RemovalOutcome = {
    state: 'failed',
    retry: {},
    error: new DustpanError('DUSTPAN_REMOVAL_FAILED', 'busy'),
  }
  const outcomes = rolledBack(
    new Map<string, RemovalOutcome>([
      ['a', { state: 'removed' }],
      ['c', passing],
    ]),
  )
  expect([...outcomes.values()].map((one) => one.state === 'failed' && one.retry)).toEqual([{}, {}])
})
