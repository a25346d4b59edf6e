import { expect, test } from 'vitest'
import { openConnections } from '../../src/cleanup/connections.ts'
import { late } from '../../src/cleanup/deadline.ts'
import { never, scriptedDriver, scriptedStore } from '../scripted-store.ts'
import { settingsOf } from '../settings.ts'

const soon = () => Date.now() + 5000

function setup(concurrency = 1) {
  const store = scriptedStore()
  store.capabilities = { concurrency }
  const connections = openConnections(settingsOf())
  const driver = scriptedDriver(store)
  const ref = { driver: 'main', id: store.id }
  return {
    store,
    connections,
    use: <T>(work: () => Promise<T>, deadline = soon()) => connections.use(driver, ref, deadline, work),
  }
}

test.each([
  [1, ['begin a', 'end a', 'begin b', 'end b']],
  [2, ['begin a', 'begin b', 'end a', 'end b']],
])('with a concurrency of %i two callers of one connection take turns or overlap', async (concurrency, expected) => {
  const { use, store } = setup(concurrency)
  const events: string[] = []
  const work = (name: string) => async () => {
    events.push(`begin ${name}`)
    for (let turn = 0; turn < 5; turn++) await Promise.resolve()
    events.push(`end ${name}`)
  }
  await Promise.all([use(work('a')), use(work('b'))])
  expect(events).toEqual(expected)
  expect(store.calls).toEqual(['connect'])
})

test('work that hangs is abandoned at the deadline, and its connection is closed', async () => {
  const { use, store } = setup()
  const hung = use(never, Date.now() + 20)
  const next = use(async () => 'done')
  expect(await Promise.all([hung, next])).toEqual([late, 'done'])
  expect(store.calls).toEqual(['connect', 'close', 'connect'])
})

test('a connection broken by one caller is closed when the last caller is done', async () => {
  const { use, store } = setup(2)
  const { promise, resolve } = Promise.withResolvers<void>()
  const other = use(() => promise)
  await expect(use(() => Promise.reject(new Error('reset')))).rejects.toThrow('reset')
  expect(store.calls).toEqual(['connect'])
  resolve()
  await other
  await expect.poll(() => store.calls).toEqual(['connect', 'close'])
})

test('a connection that failed to open is opened again by the next caller', async () => {
  const { use, store } = setup()
  store.script.connect = () => {
    throw new Error('away')
  }
  await expect(use(async () => 1)).rejects.toThrow('away')
  store.script = {}
  expect(await use(async () => 1)).toBe(1)
})

test('a closed connection is opened again when needed', async () => {
  const { use, store, connections } = setup()
  await use(async () => 1)
  await connections[Symbol.asyncDispose]()
  await use(async () => 1)
  expect(store.calls).toEqual(['connect', 'close', 'connect'])
})

test('a store asked for by address shares the connection of the store that answered, until it breaks', async () => {
  let opened = 0
  let id = 'scripted://localhost/shop#1'
  const driver = {
    ...scriptedDriver(scriptedStore()),
    connect: async () => ({
      store: id,
      at: opened++,
      remove: async () => new Map(),
      [Symbol.asyncDispose]: async () => {},
    }),
  }
  await using connections = openConnections(settingsOf())
  const ask = (store: string, work: (at: number) => unknown = (at) => at) =>
    connections.use(driver, { driver: 'main', id: store }, Date.now() + 5000, async (connection) =>
      work((connection as unknown as { at: number }).at),
    )
  expect(await ask('scripted://localhost/shop')).toBe(0)
  expect(await ask('scripted://localhost/shop#1')).toBe(0)
  const broken = ask('scripted://localhost/shop', () => {
    throw new Error('broken')
  })
  await expect(broken).rejects.toThrow('broken')
  id = 'scripted://localhost/shop#2'
  expect(await ask('scripted://localhost/shop')).toBe(1)
  expect(await ask('scripted://localhost/shop#1')).toBe(2)
})

test('an address that the driver reports is guarded too: one that looks like production is refused', async () => {
  const { use, store } = setup()
  store.script.connect = ({ guard }) => guard?.('postgres://prod_admin:pa55word@localhost/shop')
  const refused = expect.objectContaining({
    code: 'DUSTPAN_HOST_REFUSED',
    message: expect.stringContaining('prod_admin: it looks like production'),
  })
  await expect(use(async () => 'reached')).rejects.toEqual(refused)
})

test('a transient connection is closed when the last round ends, and opened again by the next call', async () => {
  const { connections, store } = setup()
  const driver = scriptedDriver(store)
  const connect: typeof driver.connect = async (...asked) =>
    Object.assign(await driver.connect(...asked), { transient: true })
  const ref = { driver: 'main', id: store.id }
  const use = (work: () => Promise<void>) => connections.use({ ...driver, connect }, ref, soon(), work)
  const { promise, resolve } = Promise.withResolvers<void>()
  const first = connections.round(() => promise)
  await connections.round(async () => {
    await use(async () => {})
    await use(async () => {})
  })
  expect(store.calls).toEqual(['connect'])
  resolve()
  await first
  expect(store.calls).toEqual(['connect', 'close'])
  await use(async () => {})
  await expect.poll(() => store.calls).toEqual(['connect', 'close', 'connect', 'close'])
})
