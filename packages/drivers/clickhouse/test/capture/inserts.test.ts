import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { onEveryServer } from '../servers.ts'
import { openWorld, type World } from '../world.ts'

const schema = `
  CREATE TABLE events (id UInt64, at DateTime, name String) ENGINE = MergeTree ORDER BY id;
  CREATE TABLE pairs (tenant String, id UInt32, n Int32) ENGINE = MergeTree ORDER BY (tenant, id);
  CREATE TABLE bare (n Int32) ENGINE = MergeTree ORDER BY tuple();
  CREATE TABLE latest (id UInt64, n Int32) ENGINE = ReplacingMergeTree ORDER BY id;
`

onEveryServer('inserts', (server) => {
  let world: World
  beforeEach(async () => {
    world = await openWorld(server, schema)
  })
  afterEach(() => world[Symbol.asyncDispose]())

  describe('client.insert', () => {
    test('rows of an array of objects are tracked, and the array is not changed', async () => {
      const { client, sink, column } = world
      const values = [
        { id: 1, at: '2020-01-02 03:04:05', name: `it's` },
        { id: '18446744073709551615', at: 1_577_934_245, name: 'b' },
      ]
      const before = structuredClone(values)
      const result = await client.insert({ table: 'events', values, format: 'JSONEachRow' })
      expect(result.executed).toBe(true)
      expect(values).toEqual(before)
      expect(sink.keys()).toEqual({ events: [1, '18446744073709551615'] })
      expect(await world.remove()).toEqual(['removed', 'removed'])
      expect(await column('SELECT id FROM events')).toEqual([])
    })

    test('rows are tracked with columns in another order than the table’s', async () => {
      if (!world.isModern) return
      const { client, sink } = world
      await client.insert({
        table: 'pairs',
        columns: ['id', 'tenant'],
        values: [
          [7, 'a'],
          [8, 'b'],
        ],
      })
      await client.insert({ table: 'pairs', columns: { except: ['n'] }, values: [['c', 9]] })
      await client.insert({ table: 'pairs', values: [['d', 10, 1]] })
      expect(sink.live()).toEqual(['pairs ["a",7]', 'pairs ["b",8]', 'pairs ["c",9]', 'pairs ["d",10]'])
      expect(await world.remove()).toEqual(['removed', 'removed', 'removed', 'removed'])
      expect(await world.column('SELECT id FROM pairs')).toEqual([])
    })

    test('rows of a stream are tracked, and a failing stream rejects', async () => {
      const { client, sink, column } = world
      const rows = Array.from({ length: 100 }, (_, id) => ({ id, name: 'x' }))
      await client.insert({ table: 'events', values: Readable.from(rows), format: 'JSONEachRow' })
      expect(sink.live()).toHaveLength(100)
      expect(await column('SELECT count() FROM events')).toEqual(['100'])
      const broken = Readable.from(
        (async function* () {
          yield { id: 1000 }
          throw new Error('no more')
        })(),
      )
      await expect(client.insert({ table: 'events', values: broken, format: 'JSONEachRow' })).rejects.toThrow()
      expect(broken.destroyed).toBe(true)
    })

    test('rows that share a key are one resource with their number of rows', async () => {
      const { client, sink } = world
      const row = { id: 1, name: 'x' }
      await client.insert({ table: 'events', values: [row, row, { id: 2 }], format: 'JSONEachRow' })
      expect(sink.records.map(({ key, removal }) => [key, (removal.args as { rows: number }).rows])).toEqual([
        [1, 2],
        [2, 1],
      ])
      expect(await world.remove()).toEqual(['removed', 'removed'])
    })

    test('an insert that the server refuses rejects and tracks nothing', async () => {
      const { client, sink } = world
      await expect(
        client.insert({ table: 'events', values: [{ id: 1, at: 'no time' }], format: 'JSONEachRow' }),
      ).rejects.toThrow(/parse|Cannot|number/i)
      await expect(client.insert({ table: 'nowhere', values: [{ id: 1 }], format: 'JSONEachRow' })).rejects.toThrow()
      expect(sink.live()).toEqual([])
      expect(sink.nothings).toEqual(['rejected'])
      expect(sink.intents.filter(({ outcome }) => outcome === 'open')).toEqual([])
    })

    test('DUSTPAN_SQL_UNATTRIBUTED: a table without a sorting key, and a format that only the server parses', async () => {
      const { client, sink } = world
      await client.insert({ table: 'bare', values: [{ n: 1 }], format: 'JSONEachRow' })
      await client.insert({
        table: 'events',
        values: Readable.from('1,"2020-01-01 00:00:00","a"\n', { objectMode: false }),
        format: 'CSV',
      })
      expect(sink.live()).toEqual([])
      expect(sink.warnings.map(({ code, subject }) => `${code} ${subject}`)).toEqual([
        'DUSTPAN_SQL_UNATTRIBUTED bare',
        'DUSTPAN_SQL_UNATTRIBUTED events',
      ])
    })

    test('in a table that merges rows, a row with an existing key is not tracked', async () => {
      const { client, sink, ask, column } = world
      await ask('INSERT INTO latest VALUES (1, 1), (18446744073709551615, 1)')
      await client.insert({
        table: 'latest',
        values: [
          { id: 1, n: 2 },
          { id: 2, n: 2 },
          { id: '18446744073709551615', n: 3 },
        ],
        format: 'JSONEachRow',
      })
      expect(sink.live()).toEqual(['latest 2'])
      await ask('INSERT INTO latest VALUES (2, 3)')
      expect(await world.remove()).toEqual(['removed'])
      expect(await column('SELECT DISTINCT id FROM latest ORDER BY id')).toEqual(['1', '18446744073709551615'])
    })

    test('concurrent inserts are attributed to their own test', async () => {
      const { client, sink } = world
      const ids = Array.from({ length: 30 }, (_, id) => id)
      await Promise.all(
        ids.map((id) =>
          sink.run(`test ${id}`, () => client.insert({ table: 'events', values: [{ id }], format: 'JSONEachRow' })),
        ),
      )
      expect(sink.records.map(({ key, scope }) => scope === `test ${key}`)).toEqual(ids.map(() => true))
    })
  })

  describe('statements as text', () => {
    test('rows of INSERT … VALUES are tracked with and without a column list', async () => {
      const { client, sink } = world
      await client.command({ query: `INSERT INTO pairs VALUES ('it''s', 1, -1), ('a\\'\\\\b', 2, 2)` })
      await client.command({ query: "INSERT INTO pairs (id, `tenant`) VALUES (3, 'c')" })
      expect(sink.live()).toEqual([`pairs ["it's",1]`, `pairs ["a'\\\\b",2]`, 'pairs ["c",3]'])
      expect(await world.remove()).toEqual(['removed', 'removed', 'removed'])
      expect(await world.column('SELECT id FROM pairs')).toEqual([])
    })

    test('rows of exec() in JSONEachRow are tracked', async () => {
      const { client, sink } = world
      const { stream } = await client.exec({ query: 'INSERT INTO events FORMAT JSONEachRow {"id": 5}' })
      stream.resume()
      expect(sink.live()).toEqual(['events 5'])
    })

    test('DUSTPAN_SQL_UNATTRIBUTED: INSERT … SELECT', async () => {
      const { client, sink } = world
      await client.command({ query: 'INSERT INTO events (id) SELECT number FROM system.numbers LIMIT 3' })
      expect(sink.live()).toEqual([])
      expect(sink.warnings).toContainEqual({
        ...{ code: 'DUSTPAN_SQL_UNATTRIBUTED', subject: 'events' },
        message: expect.stringContaining('track()'),
      })
    })

    test.for([
      [`WITH 81 AS x INSERT INTO events (id) SELECT x`, 'selects'],
      ['ALTER TABLE events ATTACH PARTITION tuple() FROM others', 'copies'],
      ['ALTER TABLE events MOVE PARTITION tuple() TO TABLE others', 'moves'],
      ['CREATE TABLE made ENGINE = Memory AS SELECT 1 AS id', 'stays'],
    ] as const)('DUSTPAN_SQL_UNATTRIBUTED: %s', async ([query, how]) => {
      const { client, sink } = world
      await world.ask('CREATE TABLE others AS events ENGINE = MergeTree ORDER BY id')
      await client.command({ query }).catch(() => {}) // a server of 2018 does not know all of them
      await client.command({ query }).catch(() => {})
      expect(sink.live()).toEqual([])
      expect(sink.warnings).toMatchObject([{ code: 'DUSTPAN_SQL_UNATTRIBUTED', message: expect.stringContaining(how) }])
    })

    test('statements that create no rows do not warn', async () => {
      const { client, sink } = world
      for (const query of ['CREATE TABLE others AS events', 'CREATE VIEW seen AS SELECT id FROM events'])
        await client.command({ query })
      const answer = await client.query({ query: 'WITH 1 AS x SELECT x', format: 'JSONEachRow' })
      await answer.json()
      expect(sink.warnings).toEqual([])
    })

    test('DUSTPAN_SQL_UNATTRIBUTED: an insert into a Null table that a materialized view reads', async () => {
      const { client, sink, ask } = world
      await ask('CREATE TABLE entrance (id UInt64) ENGINE = Null')
      await ask('CREATE MATERIALIZED VIEW through TO events AS SELECT id FROM entrance')
      const values = [{ id: 1 }]
      // A server of 2018 does not fill up the columns that the view leaves out.
      await client.insert({ table: 'entrance', values, format: 'JSONEachRow' }).catch(() => {})
      expect(sink.live()).toEqual([])
      expect(sink.warnings).toMatchObject([{ message: expect.stringContaining('through') }])
    })

    test('TRUNCATE and DROP end the records of the table', async () => {
      const { client, sink } = world
      await client.insert({ table: 'events', values: [{ id: 1 }], format: 'JSONEachRow' })
      await client.insert({ table: 'pairs', values: [{ tenant: 'a', id: 1 }], format: 'JSONEachRow' })
      await client.command({ query: 'TRUNCATE TABLE events' })
      expect(sink.live()).toEqual(['pairs ["a",1]'])
      await client.command({ query: 'DROP TABLE IF EXISTS pairs' })
      expect(sink.live()).toEqual([])
    })
  })
})
