import { afterEach, expect, test, vi } from 'vitest'
import { refusalsOf } from '../../src/cleanup/refuse.ts'
import { clock } from '../../src/clock/clock.ts'
import { DustpanError } from '../../src/errors/dustpan-error.ts'
import { foldRun } from '../../src/ledger/fold.ts'
import type { RemovalOutcome } from '../../src/resource/target.ts'
import { pipeline } from '../pipeline.ts'
import { never, removal, scriptedDriver, scriptedStore } from '../scripted-store.ts'
import { quickSettings } from '../settings.ts'

afterEach(() => vi.restoreAllMocks())

const failed = (message: string, retry: false | { afterMs?: number } = {}): RemovalOutcome => ({
  state: 'failed',
  error: new DustpanError('DUSTPAN_REMOVAL_FAILED', message),
  retry,
})

test('resources of one type are removed in one call and written as one line', async () => {
  const { create, clean, store, events } = pipeline(scriptedStore())
  for (let key = 1; key <= 3; key++) create('user', key)
  expect(await clean()).toEqual({ 'user 1': 'removed', 'user 2': 'removed', 'user 3': 'removed' })
  expect(store.calls).toEqual(['connect', 'remove user 3, user 2, user 1'])
  expect(events.map(({ e }) => e)).toEqual(['removal.begun', 'removal.ended'])
  expect(events[1]).toMatchObject({ outcomes: [], others: { state: 'removed', result: '1 row' } })
})

test('a failed removal does not stop the others, and is recorded with its error code', async () => {
  const { create, clean, store } = pipeline(scriptedStore())
  const [, bad] = [create('user', 1), create('user', 2), create('user', 3), create('cart', 4)]
  store.script.answer = ({ key }) => (key === 2 ? failed('it would not', false) : undefined)
  expect(await clean()).toEqual({ 'user 1': 'removed', 'user 2': 'failed', 'user 3': 'removed', 'cart 4': 'removed' })
  expect(bad).toMatchObject({ attempts: 1, error: { code: 'DUSTPAN_REMOVAL_FAILED', message: 'it would not' } })
})

test('only removals that may succeed later are retried, as often as configured', async () => {
  const { create, clean, store } = pipeline(scriptedStore(), {
    settings: quickSettings({ cleanup: { retry: { attempts: 4 } } }),
  })
  create('user', 1)
  create('user', 2)
  create('user', 3)
  store.script.answer = ({ key }, { attempt }) =>
    key === 1 ? failed('never', false) : key === 2 ? failed('busy') : attempt < 3 ? failed('busy') : undefined
  expect(await clean()).toEqual({ 'user 1': 'failed', 'user 2': 'failed', 'user 3': 'removed' })
  expect(store.calls).toEqual([
    'connect',
    'remove user 3, user 2, user 1',
    'remove user 3, user 2',
    'remove user 3, user 2',
    'remove user 2',
  ])
})

test('the retry delay doubles with each attempt, and is at least what the store asked for', async () => {
  const settings = quickSettings({ cleanup: { retry: { attempts: 5, delay: '100ms' } } })
  const { create, clean, store } = pipeline(scriptedStore(), { settings })
  create('user', 1)
  store.script.answer = (_, { attempt }) => failed('busy', attempt === 3 ? { afterMs: 700 } : {})
  const sleep = vi.spyOn(clock, 'sleep').mockResolvedValue()
  await clean()
  expect(sleep.mock.calls.map(([ms]) => ms)).toEqual([100, 200, 700, 800])
})

test('a retry that would come after the deadline is not waited for', async () => {
  const settings = quickSettings({ cleanup: { retry: { delay: '1h' } } })
  const { create, clean, store } = pipeline(scriptedStore(), { settings })
  create('user', 1)
  store.script.answer = () => failed('busy')
  expect(await clean()).toEqual({ 'user 1': 'failed' })
  expect(store.calls).toEqual(['connect', 'remove user 1'])
})

test('the fallback runs in its own store once all retries have failed', async () => {
  const database = scriptedStore('scripted://localhost/other')
  const { create, clean, store } = pipeline(scriptedStore(), { drivers: [scriptedDriver(database, 'db')] })
  database.rows.set('user 1', {})
  const fallback = { ...removal('user', 'db'), store: { driver: 'db', id: database.id } }
  create('user', 1, { steps: [removal('user'), fallback] })
  store.script.answer = () => failed('busy')
  expect(await clean()).toEqual({ 'user 1': 'removed' })
  expect(store.calls.filter((call) => call.startsWith('remove'))).toHaveLength(3)
  expect(database.calls).toEqual(['connect', 'remove user 1'])
})

test('the fallback does not run after a refusal', async () => {
  const database = scriptedStore('scripted://localhost/other')
  const { create, clean, store } = pipeline(scriptedStore(), { drivers: [scriptedDriver(database, 'db')] })
  const user = create('user', 1, { steps: [removal('user'), removal('user', 'db')] })
  store.script.answer = () => ({ state: 'refused', why: 'not-ours', detail: null })
  expect(await clean()).toEqual({ 'user 1': 'refused' })
  expect(user.why).toBe('not-ours')
  expect(database.calls).toEqual([])
})

test('nothing starts after the deadline: resources are pending with DUSTPAN_BUDGET_EXCEEDED', async () => {
  const { create, clean, store, warnings } = pipeline(scriptedStore())
  const user = create('user', 1)
  create('cart', 2)
  expect(await clean(undefined, -1)).toEqual({ 'user 1': 'pending', 'cart 2': 'pending' })
  expect(user.why).toBe('budget')
  expect(store.calls).toEqual([])
  expect(warnings.filter((warning) => !warning.startsWith('DUSTPAN_BUDGET_EXCEEDED'))).toEqual([])
})

test('a driver that hangs is abandoned at the deadline: its signal is aborted and its connection closed', async () => {
  const { create, clean, store } = pipeline(scriptedStore())
  create('user', 1)
  let signal: AbortSignal | undefined
  store.script.remove = (_, ctx) => {
    signal = ctx.signal
    return never()
  }
  expect(await clean(undefined, 1_000)).toEqual({ 'user 1': 'pending' })
  expect(signal?.aborted).toBe(true)
  store.script = {}
  expect(await clean()).toEqual({ 'user 1': 'removed' })
  expect(store.calls).toEqual(['connect', 'remove user 1', 'close', 'connect', 'remove user 1'])
})

test.each(['connect', 'relate'] as const)('a %s that hangs is abandoned at the deadline', async (where) => {
  const { create, clean, store } = pipeline(scriptedStore())
  create('user', 1)
  store.script[where] = never
  expect(await clean(undefined, 30)).toEqual({ 'user 1': 'pending' })
})

test('a store that cannot be reached is retried with DUSTPAN_STORE_UNREACHABLE and does not block other stores', async () => {
  const away = scriptedStore('scripted://localhost/away')
  away.script.connect = () => {
    throw new AggregateError([new Error('connect ECONNREFUSED 127.0.0.1:1')], '')
  }
  const { create, clean, store } = pipeline(scriptedStore(), { drivers: [scriptedDriver(away, 'away')] })
  create('user', 1)
  const lost = create('thing', 2, { store: { driver: 'away', id: away.id }, steps: [removal('thing', 'away')] })
  expect(await clean()).toEqual({ 'user 1': 'removed', 'thing 2': 'pending' })
  expect(lost.error).toMatchObject({
    code: 'DUSTPAN_STORE_UNREACHABLE',
    message: 'scripted://localhost/away could not be reached: connect ECONNREFUSED 127.0.0.1:1',
  })
  expect(away.calls.filter((call) => call === 'connect').length).toBeGreaterThanOrEqual(3)
  expect(store.rows.size).toBe(1)
})

test('a driver that throws fails for its whole batch and gets a new connection', async () => {
  const { create, clean, store } = pipeline(scriptedStore())
  const [user] = [create('user', 1), create('user', 2)]
  store.script.remove = (_, { attempt }) => {
    if (attempt < 3) throw new Error('socket hang up')
  }
  expect(await clean()).toEqual({ 'user 1': 'removed', 'user 2': 'removed' })
  expect(store.calls.filter((call) => call === 'connect' || call === 'close')).toHaveLength(5)
  store.script.remove = () => {
    throw new Error('socket hang up')
  }
  const user3 = create('user', 3)
  await clean([user3])
  expect(user3.error).toEqual({ code: 'DUSTPAN_REMOVAL_FAILED', message: 'The driver "main" failed: socket hang up' })
  expect(user?.state).toBe('removed')
})

test('a refusal code thrown by a driver is a refusal', async () => {
  const { create, clean, store } = pipeline(scriptedStore())
  const user = create('user', 1)
  store.script.connect = () => {
    throw new DustpanError('DUSTPAN_WRONG_STORE', 'another server answered')
  }
  expect(await clean()).toEqual({ 'user 1': 'refused' })
  expect(user).toMatchObject({ why: 'wrong-store', error: { code: 'DUSTPAN_WRONG_STORE' } })
})

test('a resource missing from the driver’s outcomes has failed, and an unknown resource in them is ignored', async () => {
  const { create, clean, store, events } = pipeline(scriptedStore())
  const resources = [create('user', 1), create('user', 2), create('user', 3)]
  store.script.answer = ({ key }) => (key === 2 ? 'forget' : undefined)
  store.script.more = new Map([['somebody-else.0', { state: 'removed' } as const]])
  expect(await clean()).toEqual({ 'user 1': 'removed', 'user 2': 'failed', 'user 3': 'removed' })
  const created = resources.map(({ set }) => ({ e: 'created' as const, scope: 's', ...set }))
  const written = [...created, ...events].map((event, n) => ({ v: 1 as const, n, t: n, ...event }))
  const { resources: folded } = foldRun('r', [{ file: 'w', events: written, torn: [] }])
  expect([...folded.values()].map(({ state }) => state)).toEqual(['removed', 'failed', 'removed'])
})

test('a record whose driver is not configured fails with DUSTPAN_UNKNOWN_DRIVER', async () => {
  const { create, clean } = pipeline(scriptedStore())
  const user = create('user', 1, { store: { driver: 'gone', id: 'x' }, steps: [removal('user', 'gone')] })
  create('user', 2)
  expect(await clean()).toEqual({ 'user 1': 'failed', 'user 2': 'removed' })
  expect(user.error?.code).toBe('DUSTPAN_UNKNOWN_DRIVER')
})

test('batches are limited to the driver’s maxBatch', async () => {
  const store = scriptedStore()
  store.capabilities = { maxBatch: 2 }
  const { create, clean } = pipeline(store)
  for (let key = 1; key <= 5; key++) create('user', key)
  await clean()
  expect(store.calls).toEqual(['connect', 'remove user 5, user 4', 'remove user 3, user 2', 'remove user 1'])
})

test('a batch that is already gone warns with DUSTPAN_BATCH_ALREADY_GONE, a single resource does not', async () => {
  const { create, clean, store, warnings } = pipeline(scriptedStore())
  create('user', 1)
  create('user', 2)
  create('cart', 3)
  store.rows.clear()
  expect(await clean()).toEqual({ 'user 1': 'already-gone', 'user 2': 'already-gone', 'cart 3': 'already-gone' })
  expect(warnings).toEqual([expect.stringMatching(/^DUSTPAN_BATCH_ALREADY_GONE: All 2 user in main /)])
})

test('a batch that is already gone as expected does not warn', async () => {
  const { create, clean, store, warnings } = pipeline(scriptedStore())
  create('user', 1)
  create('user', 2)
  store.script.answer = () => ({ state: 'already-gone', expected: true })
  expect(await clean()).toEqual({ 'user 1': 'already-gone', 'user 2': 'already-gone' })
  expect(warnings).toEqual([])
})

test('a batch collected from the store’s own log that is already gone does not warn', async () => {
  const { create, clean, store, warnings } = pipeline(scriptedStore())
  create('user', 1, { origin: 'collected' })
  create('user', 2, { origin: 'collected' })
  store.rows.clear()
  await clean()
  expect(warnings).toEqual([])
})

const bound = { driver: 'main', id: 'scripted::memory', bound: 'another-writer' }

test('a resource in the memory of a dead process is gone with it', async () => {
  const { create, clean, store, events } = pipeline(scriptedStore())
  create('user', 1, { store: bound })
  expect(await clean()).toEqual({ 'user 1': 'gone' })
  expect(store.calls).toEqual([])
  expect(events).toEqual([{ e: 'gone', ids: ['t0.0'], by: 'store-gone' }])
})

test('a resource that only a dead process could reach is recorded as lost, with DUSTPAN_STORE_GONE', async () => {
  const store = scriptedStore()
  store.boundTo = 'lost'
  const { create, clean, events } = pipeline(store)
  const user = create('user', 1, { store: bound })
  expect(await clean()).toEqual({ 'user 1': 'lost' })
  expect(user.error?.code).toBe('DUSTPAN_STORE_GONE')
  expect(events.at(-1)).toMatchObject({ e: 'removal.ended', outcomes: [['t0.0', { state: 'lost' }]] })
})

test('refusalsOf() reports DUSTPAN_STORE_GONE unless the resource has another step or its own row', () => {
  const store = scriptedStore()
  store.boundTo = 'lost'
  const database = scriptedDriver(scriptedStore(), 'db')
  const { create, ctx } = pipeline(store, { drivers: [database] })
  const things = [
    create('user', 1, { store: bound }),
    create('user', 2, { store: bound }),
    create('users', 2, { store: { driver: 'db', id: 'scripted::memory' } }),
    create('user', 3, {
      store: bound,
      steps: [removal('user'), { ...removal('user'), store: { driver: 'main', id: 'scripted::memory' } }],
    }),
  ]
  const found = refusalsOf(things, ctx.settings, ctx.drivers)
  expect(things.map((one) => found.get(one)?.code)).toEqual(['DUSTPAN_STORE_GONE', undefined, undefined, undefined])
})

test('a resource in an open transaction is pending until it settles', async () => {
  let open = true
  const { create, clean } = pipeline(scriptedStore(), { change: { isOpen: (tx) => open && tx === 'tx1' } })
  const user = create('user', 1, { tx: 'tx1' })
  create('user', 2)
  expect(await clean()).toEqual({ 'user 1': 'pending', 'user 2': 'removed' })
  expect(user.why).toBe('open-transaction')
  open = false
  expect(await clean()).toEqual({ 'user 1': 'removed', 'user 2': 'removed' })
})

test('nothing is removed in production, not even by functions', async () => {
  const settings = quickSettings({ environment: 'production', shadow: false })
  const called: unknown[] = []
  const closures = new Map([['c', [(target: unknown) => void called.push(target)]]])
  const { create, clean, store } = pipeline(scriptedStore(), { settings, change: { closures } })
  const user = create('user', 1)
  create('thing', 2, { set: 'c', store: { driver: 'closure', id: 'closure', bound: 'w' }, steps: [{ closure: 'w' }] })
  expect(await clean()).toEqual({ 'user 1': 'refused', 'thing 2': 'refused' })
  expect(user).toMatchObject({ why: 'profile', error: { code: 'DUSTPAN_PROFILE_REFUSED' } })
  expect([store.calls, called]).toEqual([[], []])
})

test('an error on closing a connection is ignored', async () => {
  const { create, clean, store, ctx } = pipeline(scriptedStore())
  create('user', 1)
  await clean()
  store.script.close = () => {
    throw new Error('already closed')
  }
  await ctx.connections[Symbol.asyncDispose]()
  expect(store.calls.at(-1)).toBe('close')
})
