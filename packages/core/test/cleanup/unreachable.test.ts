/** Resources of an unreachable store are pending, not failed. */
import { expect, test } from 'vitest'
import { DustpanError } from '../../src/errors/dustpan-error.ts'
import { recoverRun } from '../../src/recovery/recover-run.ts'
import type { RemovalOutcome } from '../../src/resource/target.ts'
import { concludeRun } from '../../src/runner/conclude.ts'
import { track } from '../../src/tracking/facade.ts'
import { pipeline } from '../pipeline.ts'
import { close, row, testRun } from '../run.ts'
import { removal, scriptedDriver, scriptedStore } from '../scripted-store.ts'

const refused = () => {
  throw new AggregateError([new Error('connect ECONNREFUSED 127.0.0.1:1')], '')
}

/** A failure that leaves the connection open. */
const unreachable: RemovalOutcome = {
  state: 'failed',
  error: new DustpanError('DUSTPAN_STORE_UNREACHABLE', 'socket hang up'),
  retry: {},
}

test.each(['warn', 'fail'] as const)(
  'a resource of an unreachable store is pending until a cleanup reaches it: %s',
  async (onCleanupFailure) => {
    const { openTest, file, main, session, store, folded, states } = await testRun({ cleanup: { onCleanupFailure } })
    store.script.connect = refused
    const scope = openTest('t')
    scope.run(() => track(row(store, 'user', 1)))
    const report = await close(scope)
    const fail = () => session.failIfAsked(report)
    if (onCleanupFailure === 'warn') expect(fail).not.toThrow()
    else expect(fail).toThrow(/user 1 pending: .*could not be reached/)
    await close(file)
    const printed: string[] = []
    const { fails } = await concludeRun(main, 'passed', (text) => printed.push(text))
    expect(fails).toBe(onCleanupFailure === 'fail')
    expect(printed.join()).toContain('1 pending')
    expect(printed.join()).toContain('DUSTPAN_STORE_UNREACHABLE')
    const [one] = folded().resources.values()
    expect(one).toMatchObject({ state: 'pending', why: 'unreachable', error: { code: 'DUSTPAN_STORE_UNREACHABLE' } })
    expect(store.calls.filter((call) => call === 'connect').length).toBeGreaterThanOrEqual(3)

    const by = { role: 'cli', runner: 'dustpan orphans' } as const
    const { settings } = main.ticket
    expect((await recoverRun(settings, main.ticket.run, by)).map(({ state, why }) => [state, why])).toEqual([
      ['pending', 'unreachable'],
    ])
    store.script = {}
    await recoverRun(settings, main.ticket.run, by)
    expect(states()).toEqual({ 'user 1': 'removed' })
    expect([...folded().resources.values()][0]?.error).toBeUndefined()
  },
)

test('an unreachable store is tried only once by later cleanups', async () => {
  const { openTest, store } = await testRun()
  store.script.connect = refused
  const tries: number[] = []
  for (const name of ['a', 'b', 'c']) {
    const scope = openTest(name)
    scope.run(() => track(row(store, name, 1)))
    store.calls.length = 0
    await close(scope)
    tries.push(store.calls.filter((call) => call === 'connect').length)
  }
  // One connection for relations, one for removal.
  expect(tries).toEqual([4, 2, 2])
})

test('a store that answers again is retried again', async () => {
  const { openTest, store, states } = await testRun()
  let failures = Number.POSITIVE_INFINITY
  store.script.answer = () => (failures-- > 0 ? unreachable : undefined)
  const cleanUp = async (name: string, times: number) => {
    failures = times
    const scope = openTest(name)
    scope.run(() => track(row(store, name, 1)))
    await close(scope)
  }
  await cleanUp('a', Number.POSITIVE_INFINITY)
  expect(states()).toEqual({ 'a 1': 'pending' })
  await cleanUp('b', 1)
  expect(states()).toEqual({ 'a 1': 'pending', 'b 1': 'pending' })
  await cleanUp('c', 0)
  await cleanUp('d', 1)
  expect(states()).toMatchObject({ 'c 1': 'removed', 'd 1': 'removed' })
})

test('a store that this process can never reach is tried once', async () => {
  const { openTest, store, states } = await testRun()
  store.script.connect = () => {
    throw new DustpanError('DUSTPAN_STORE_UNREACHABLE', 'not opened here', { isFinal: true })
  }
  const scope = openTest('t')
  scope.run(() => track(row(store, 'user', 1)))
  await close(scope)
  expect(states()).toEqual({ 'user 1': 'pending' })
  // Once for its relations, once to remove it.
  expect(store.calls.filter((call) => call === 'connect')).toHaveLength(2)
})

test('a fallback applies to an unreachable store, even with earlier: failed', async () => {
  const away = scriptedStore('scripted://localhost/away')
  away.script.connect = refused
  const { create, clean, store } = pipeline(scriptedStore(), { drivers: [scriptedDriver(away, 'away')] })
  const at = { store: { driver: 'away', id: away.id } }
  create('user', 1)
  const here = { ...removal('user'), store: { driver: 'main', id: store.id } }
  create('user', 2, { ...at, steps: [removal('user', 'away'), here] })
  create('user', 3, { ...at, steps: [removal('user', 'away'), { ...here, when: { earlier: 'failed' } }] })
  create('user', 4, { ...at, steps: [removal('user', 'away'), { ...here, when: { environment: 'elsewhere' } }] })
  expect(await clean()).toEqual({ 'user 1': 'removed', 'user 2': 'removed', 'user 3': 'removed', 'user 4': 'pending' })
})
