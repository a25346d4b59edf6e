import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { removalContext } from '@dustpan/conformance/drivers/driver'
import { clock, type Json, type Target } from '@dustpan/core/driver'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { onEveryServer } from '../servers.ts'
import { askAt, byHand, connected, driverOf, openWorld, ownStore, statesOf, type World } from '../world.ts'

const schema = `
  CREATE TABLE events (id UInt64, name String) ENGINE = MergeTree ORDER BY id;
  CREATE TABLE marked (id UInt64, name String, test_run_id String) ENGINE = MergeTree ORDER BY id;
  CREATE TABLE lines (id UInt64) ENGINE = TinyLog;
  CREATE TABLE users (id UInt64, active UInt8 DEFAULT 1, deleted_at DateTime) ENGINE = MergeTree ORDER BY id;
`
const columns = { run: 'test_run_id', createdByTest: 'created_by_test', createdAt: 'test_created_at' }

/** chdb is an engine without users behind our own HTTP server: it accepts every login. */
const hasNoUsers = (url: string) =>
  askAt(url, 'SELECT 1').then(
    () => true,
    () => false,
  )

onEveryServer('removal', (server) => {
  let world: World
  beforeEach(async () => {
    world = await openWorld(server, schema)
  })
  afterEach(() => world[Symbol.asyncDispose]())

  const insert = (table: string, ...values: object[]) => world.client.insert({ table, values, format: 'JSONEachRow' })
  const ids = (table: string) => world.column(`SELECT id FROM ${table} ORDER BY id`)

  describe('rows of the test only', () => {
    test('DUSTPAN_NOT_OURS: a row is kept when another client’s has the same key, the others are removed', async () => {
      await world.ask(`INSERT INTO events VALUES (1, 'a stranger')`)
      await insert('events', { id: 1 }, { id: 2 })
      expect(await world.remove()).toEqual(['refused not-ours', 'removed'])
      expect(await ids('events')).toEqual(['1', '1'])
    })

    test('rows are removed when the key columns have the names of aliases in the query', async () => {
      await world.ask('CREATE TABLE counts (n UInt32, i UInt32) ENGINE = MergeTree ORDER BY (n, i)')
      await insert('counts', { n: 1, i: 1 }, { n: 2, i: 1 }, { n: 2, i: 1 })
      expect(await world.remove()).toEqual(['removed', 'removed'])
      expect(await world.column('SELECT n FROM counts')).toEqual([])
    })

    test('rows of one key are removed only all together', async () => {
      await insert('events', { id: 1 }, { id: 1 })
      await insert('events', { id: 1 })
      const [first, second] = world.targets()
      const connection = await world.connect()
      expect(statesOf(await connection.remove([first as Target], removalContext()))).toEqual(['refused not-ours'])
      expect(statesOf(await connection.remove([first as Target, second as Target], removalContext()))).toEqual([
        'removed',
        'removed',
      ])
      expect(await ids('events')).toEqual([])
    })

    test('with a run column, rows of the run are removed and others of the same key are kept', async () => {
      world.sink.marker = { run: 'run-1', columns }
      await world.ask(`INSERT INTO marked VALUES (1, 'a stranger', ''), (2, 'another', 'run-2')`)
      await insert('marked', { id: 1 }, { id: 2 }, { id: 3, test_run_id: 'run-1' })
      expect(world.sink.records.map(({ proof }) => proof)).toEqual([
        ...Array(3).fill(expect.objectContaining({ strength: 'exact', match: { test_run_id: 'run-1' } })),
      ])
      expect(await world.remove()).toEqual(['removed', 'removed', 'removed'])
      expect(await world.column('SELECT id, test_run_id FROM marked ORDER BY id')).toEqual(['1\t', '2\trun-2'])
    })

    test('DUSTPAN_NOT_OURS: rows of a key that another test of the run recorded are pending until it ended', async () => {
      world.sink.marker = { run: 'run-1', columns }
      await insert('marked', { id: 1 })
      await insert('marked', { id: 1 })
      const [first, second] = world.targets() as [Target, Target]
      const connection = await world.connect()
      const remove = (...targets: Target[]) => connection.remove(targets, removalContext())
      const early = await remove(first)
      expect(statesOf(early)).toEqual(['pending holds-others'])
      expect(early.get(first.id)).toMatchObject({ error: { hint: expect.not.stringContaining('column') } })
      const late = await remove({ ...first, endedAt: 1 })
      expect(statesOf(late)).toEqual(['refused not-ours'])
      expect(late.get(first.id)).toMatchObject({ error: { hint: expect.not.stringContaining('With a column') } })
      expect(statesOf(await remove({ ...first, endedAt: 1 }, { ...second, endedAt: 1 }))).toEqual([
        'removed',
        'removed',
      ])
      expect(await ids('marked')).toEqual([])
    })

    test('a run column that the test sets itself is kept and is no proof', async () => {
      world.sink.marker = { run: 'run-1', columns }
      await insert('marked', { id: 1, test_run_id: 'mine' }, { id: 2 })
      expect(await world.column('SELECT test_run_id FROM marked ORDER BY id')).toEqual(['mine', 'run-1'])
      expect(world.sink.records.map(({ proof }) => proof.strength)).toEqual(['key-only', 'key-only'])
      expect(await world.remove()).toEqual(['removed', 'removed'])
    })

    test('a key tracked by hand must match one row, unless rows is any', async () => {
      await world.ask(`INSERT INTO events VALUES (1, 'a'), (1, 'b'), (2, 'c')`)
      const connection = await world.connect()
      const remove = async (target: Target) => statesOf(await connection.remove([target], removalContext()))
      expect(await remove(byHand('events', 1))).toEqual(['refused not-ours'])
      expect(await remove(byHand('events', 1, { rows: 'any' }))).toEqual(['removed'])
      expect(await remove(byHand('events', 'c', { columns: ['name'] }))).toEqual(['removed'])
      expect(await ids('events')).toEqual([])
    })
  })

  test('rows that another client removed, also by DROP TABLE, are already-gone', async () => {
    await insert('events', { id: 1 }, { id: 2 })
    await insert('users', { id: 1 })
    await world.ask('DROP TABLE users')
    await world.ask('TRUNCATE TABLE events')
    await world.ask(`INSERT INTO events VALUES (2, '')`)
    expect(await world.remove()).toEqual(['already-gone', 'removed', 'already-gone'])
  })

  test('rows of a dropped database are already-gone', async () => {
    await insert('events', { id: 1 })
    await world.ask(`DROP DATABASE ${new URL(world.url).pathname.slice(1)}`)
    expect(await world.remove()).toEqual(['already-gone'])
  })

  test('rows of a recreated table are already-gone, and a new row of the same key is kept', async () => {
    if (!world.isModern) return
    await insert('events', { id: 1 })
    await world.ask('DROP TABLE events SYNC')
    await world.ask('CREATE TABLE events (id UInt64, name String) ENGINE = MergeTree ORDER BY id')
    await world.ask(`INSERT INTO events VALUES (1, 'a stranger')`)
    expect(await world.remove()).toEqual(['already-gone'])
    expect(await ids('events')).toEqual(['1'])
  })

  test('DUSTPAN_REMOVAL_FAILED: an engine that cannot delete is named in the message', async () => {
    await insert('lines', { id: 1 })
    const connection = await world.connect()
    const [outcome] = [...(await connection.remove(world.targets(), removalContext())).values()]
    expect(outcome).toMatchObject({ state: 'failed', retry: false, error: { code: 'DUSTPAN_REMOVAL_FAILED' } })
    expect(outcome).toMatchObject({ error: { message: expect.stringContaining('TinyLog') } })
  })

  test('a statement of the user gets the key as a quoted literal', async () => {
    await world.ask(`INSERT INTO events VALUES (1, 'it''s'), (2, 'b')`)
    const driver = driverOf({ url: world.url })
    const spec = driver.removal?.({ sql: 'ALTER TABLE events DELETE WHERE name = {id}' }, [`it's`])
    const connection = await world.connect()
    const target = { ...byHand('events', `it's`), removal: spec?.removal as Target['removal'] }
    expect(statesOf(await connection.remove([target], removalContext()))).toEqual(['removed'])
    await expect.poll(() => ids('events')).toEqual(['2'])
  })

  test('soft-deleted rows are marked, and already-gone the second time', async () => {
    await insert('users', { id: 1 }, { id: 2 })
    const connection = await world.connect({ softDelete: { users: { active: 0, deleted_at: 'now' } } })
    const outcomes = [...(await connection.remove(world.targets(), removalContext())).values()]
    expect(outcomes).toEqual([
      { state: 'removed', result: 'marked', marked: true },
      { state: 'removed', result: 'marked', marked: true },
    ])
    expect(await world.column('SELECT id, active, deleted_at > toDateTime(0) FROM users ORDER BY id')).toEqual([
      '1\t0\t1',
      '2\t0\t1',
    ])
    expect(statesOf(await connection.remove(world.targets(), removalContext()))).toEqual([
      'already-gone',
      'already-gone',
    ])
  })

  test.for([
    ['UInt64', (i: number) => (i === 0 ? '18446744073709551615' : i)],
    ['Int32', (i: number) => i - 250],
    ['String', (i: number) => `it's \\ ${i}`],
    ['UUID', (i: number) => `00000000-0000-0000-0000-${String(i).padStart(12, '0')}`],
    ['Nullable(String)', (i: number) => `${i}`],
  ] as const)(
    '499 keys of type %s are removed, and one that another client also has is refused',
    async ([type, keyOf]) => {
      const order = type.startsWith('Nullable') ? 'tuple()' : 'id'
      await world.ask(`CREATE TABLE many (id ${type}) ENGINE = MergeTree ORDER BY ${order}`)
      const values = Array.from({ length: 500 }, (_, i) => ({ id: keyOf(i) }))
      await insert('many', ...values)
      await world.ask(`INSERT INTO many FORMAT JSONEachRow ${JSON.stringify(values[7])}`)
      if (type.startsWith('Nullable')) await world.ask('INSERT INTO many VALUES (NULL)')
      const states = await world.remove()
      expect(states.filter((state) => state === 'removed')).toHaveLength(499)
      expect(states[7]).toBe('refused not-ours')
      expect(await world.column('SELECT count() FROM many')).toEqual([type.startsWith('Nullable') ? '3' : '2'])
    },
  )

  test('two concurrent removals of the same rows remove all of them without a failure', async () => {
    await insert('events', ...Array.from({ length: 300 }, (_, id) => ({ id })))
    const connections = await Promise.all([world.connect(), world.connect()])
    const outcomes = await Promise.all(connections.map((one) => one.remove(world.targets(), removalContext())))
    const states = new Set(outcomes.flatMap((one) => [...one.values()].map(({ state }) => state)))
    expect(states.isSubsetOf(new Set(['removed', 'already-gone']))).toBe(true)
    expect(await ids('events')).toEqual([])
  })

  describe('mutations', () => {
    /** Starts a mutation that keeps failing and blocks those after it. */
    const block = () =>
      world.ask(`ALTER TABLE events DELETE WHERE toUInt64(name) = 1`, world.isModern ? '&mutations_sync=0' : '')
    const mutations = () =>
      world.column(`SELECT count() FROM system.mutations WHERE database = currentDatabase() AND table = 'events'`)

    test('a mutation that is not done in time is noted, and not started again by the next removal', async () => {
      await insert('events', { id: 1, name: 'no number' })
      await block()
      const notes: Json[] = []
      const soon = { deadline: clock.now() + 200, note: (_: unknown, note: Json) => void notes.push(note) }
      const first = await (await world.connect()).remove(world.targets(), removalContext(soon))
      expect(statesOf(first)[0]).toMatch(/^pending job$|^failed DUSTPAN_REMOVAL_FAILED$/)
      expect(notes).toEqual([{ mutation: expect.stringMatching(/^dustpan-/) }])
      const noted = world.targets().map((target) => ({ ...target, note: notes[0] as Json }))
      const next = removalContext({ deadline: clock.now() + 200 })
      const second = await (await world.connect()).remove(noted, next)
      expect(statesOf(second)[0]).toMatch(/^pending job$|^failed DUSTPAN_REMOVAL_FAILED$/)
      expect(await mutations()).toEqual(['2'])
    })

    test('rows of a noted mutation that is done are reported as removed', async () => {
      await insert('events', { id: 1 })
      await world.ask(
        `ALTER TABLE events DELETE WHERE ('dustpan-1' != '') AND (id = 1)`,
        world.isModern ? '&mutations_sync=1' : '',
      )
      await expect.poll(() => ids('events')).toEqual([])
      const noted = world.targets().map((target) => ({ ...target, note: { mutation: 'dustpan-1' } }))
      expect(statesOf(await (await world.connect()).remove(noted, removalContext()))).toEqual(['removed'])
    })

    test('a new mutation is started when the noted one never began', async () => {
      await insert('events', { id: 1 })
      const noted = world.targets().map((target) => ({ ...target, note: { mutation: 'dustpan-never' } }))
      expect(statesOf(await (await world.connect()).remove(noted, removalContext()))).toEqual(['removed'])
      expect(await ids('events')).toEqual([])
    })
  })

  test('a missing row of a late insert is pending at first, and already-gone later', async () => {
    await insert('events', { id: 1 })
    await world.ask('TRUNCATE TABLE events')
    const [target] = world.targets()
    const args = { ...(target?.removal.args as object), late: true }
    const late = { ...target, removal: { ...target?.removal, args } } as Target
    const connection = await world.connect()
    expect(statesOf(await connection.remove([late], removalContext()))).toEqual(['pending in-flight'])
    expect(statesOf(await connection.remove([{ ...late, createdAt: clock.now() - 60_000 }], removalContext()))).toEqual(
      ['already-gone'],
    )
  })

  test('async_insert without waiting is recorded as late', async () => {
    if (!world.isModern) return
    const settings = { async_insert: 1, wait_for_async_insert: 0 } as const
    await world.client.insert({
      table: 'events',
      values: [{ id: 1 }],
      format: 'JSONEachRow',
      clickhouse_settings: settings,
    })
    expect(world.sink.records[0]?.removal.args).toMatchObject({ late: true })
  })

  describe('connection problems', () => {
    test('DUSTPAN_STORE_UNREACHABLE: no server listens at the url', async () => {
      const url = 'http://127.0.0.1:9/shop'
      await expect(connected(driverOf({ url }), ownStore(url))).rejects.toMatchObject({
        code: 'DUSTPAN_STORE_UNREACHABLE',
      })
    })

    test('DUSTPAN_STORE_UNREACHABLE: a wrong password, which is not in the message', async () => {
      const url = new URL(world.url)
      url.username = 'nobody'
      url.password = 'secret-4711'
      if (await hasNoUsers(url.href)) return
      const failing = connected(driverOf({ url: url.href }), ownStore(world.url))
      await expect(failing).rejects.toMatchObject({ code: 'DUSTPAN_STORE_UNREACHABLE' })
      await expect(failing).rejects.not.toThrow(/secret-4711/)
    })

    test('DUSTPAN_WRONG_STORE: another server, or another incarnation of the database', async () => {
      await insert('events', { id: 1 })
      const id = world.sink.records[0]?.store.id ?? ''
      await expect(connected(driverOf({ url: world.url }), id.replace(/#.*/, '#another'))).rejects.toMatchObject({
        code: 'DUSTPAN_WRONG_STORE',
      })
      await expect(connected(driverOf({ url: world.url }), id.replace(/:\d+\//, ':1/'))).rejects.toMatchObject({
        code: 'DUSTPAN_WRONG_STORE',
      })
    })

    test('a removal by a read-only user fails and is not retried', async () => {
      const readOnly = await server.readOnly?.(world.url).catch(() => undefined) // chdb has no users
      if (readOnly === undefined || (await hasNoUsers(readOnly.replace('secret', 'wrong')))) return
      await insert('events', { id: 1 })
      const connection = await connected(driverOf({ url: readOnly }), world.sink.records[0]?.store.id ?? '')
      const [outcome] = [...(await connection.remove(world.targets(), removalContext())).values()]
      expect(outcome).toMatchObject({
        state: 'failed',
        retry: false,
        error: { message: expect.stringMatching(/readonly/i) },
      })
      await connection[Symbol.asyncDispose]()
    })

    test('connecting to a silent server ends with its signal', async () => {
      const silent = createServer(() => {}).listen(0, '127.0.0.1')
      await new Promise((resolve) => silent.once('listening', resolve))
      const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/shop`
      const signal = AbortSignal.timeout(50)
      const waiting = driverOf({ url }).connect(
        { driver: 'main', id: ownStore(url) },
        { signal, deadline: clock.now() + 50 },
      )
      await expect(waiting).rejects.toMatchObject({ code: 'DUSTPAN_STORE_UNREACHABLE' })
      silent.closeAllConnections()
      silent.close()
    })

    test('without a url rows are removed by the client that inserted them, which stays open', async () => {
      await insert('events', { id: 1 })
      const connection = await connected(driverOf({}), world.sink.records[0]?.store.id ?? '')
      expect(statesOf(await connection.remove(world.targets(), removalContext()))).toEqual(['removed'])
      await connection[Symbol.asyncDispose]()
      await insert('events', { id: 2 })
      expect(await ids('events')).toEqual(['2'])
      await askAt(world.url, 'TRUNCATE TABLE events')
    })
  })
})
