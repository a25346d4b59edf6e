/** Inserts that may store other rows than they are given. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createClient } from '@clickhouse/client'
import { RecordingSink } from '@dustpan/conformance/capture'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { captureClient } from '../../src/capture/instrument.ts'
import { onEveryServer } from '../servers.ts'
import { openWorld, type World } from '../world.ts'

const schema = `
  CREATE TABLE events (id UInt64, name String) ENGINE = MergeTree ORDER BY id;
  CREATE TABLE tiny (n Int8, m UInt32) ENGINE = MergeTree ORDER BY (n, m);
  CREATE TABLE times (at DateTime) ENGINE = MergeTree ORDER BY at;
`

test('an aborted insert rejects although the server does not respond to Dustpan’s queries', async () => {
  const silent = createServer(() => {})
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const { port } = silent.address() as AddressInfo
  const client = createClient({ url: `http://127.0.0.1:${port}`, log: { level: 127 } })
  captureClient(client, new RecordingSink('test'))
  const abort = new AbortController()
  const inserting = client.insert({
    table: 't',
    values: [{ id: 1 }],
    format: 'JSONEachRow',
    abort_signal: abort.signal,
  })
  abort.abort()
  await expect(inserting).rejects.toThrow(/abort/i)
  await client.close()
  silent.closeAllConnections()
  silent.close()
})

onEveryServer('doubtful inserts', (server) => {
  let world: World
  beforeEach(async () => {
    world = await openWorld(server, schema)
  })
  afterEach(() => world[Symbol.asyncDispose]())

  const insert = (table: string, values: readonly object[], more: object = {}) =>
    world.client.insert({ table, values, format: 'JSONEachRow', ...more })

  test('rows are recorded and sent as passed to insert(), even if the test changes its objects later', async () => {
    const row = { id: 0 }
    const all = [1, 2, 3].map((id) => {
      row.id = id
      return insert('events', [row])
    })
    await Promise.all(all)
    expect(world.sink.live().sort()).toEqual(['events 1', 'events 2', 'events 3'])
    expect(await world.column('SELECT id FROM events ORDER BY id')).toEqual(['1', '2', '3'])
  })

  test('a block deduplicated against another client’s is not tracked', async () => {
    if (!world.isModern) return
    const settings = 'SETTINGS non_replicated_deduplication_window = 100'
    await world.ask(`CREATE TABLE once (id UInt64, name String) ENGINE = MergeTree ORDER BY id ${settings}`)
    await world.ask('INSERT INTO once FORMAT JSONEachRow {"id":1,"name":"seed"}')
    await insert('once', [{ id: 1, name: 'seed' }])
    expect(world.sink.live()).toEqual([])
    await insert('once', [{ id: 2, name: 'ours' }])
    await insert('once', [{ id: 2, name: 'ours too' }])
    expect(await world.remove()).toEqual(['removed', 'removed'])
    expect(await world.column('SELECT id FROM once')).toEqual(['1'])
  })

  test('times in another zone than the server’s are not tracked as keys and warn', async () => {
    if (!world.isModern) return
    const settings = { session_timezone: 'America/New_York' }
    await world.ask('CREATE TABLE later AS times')
    await insert('times', [{ at: '2020-01-01 00:00:00' }], { clickhouse_settings: settings })
    await world.client.command({
      query: `INSERT INTO later SETTINGS session_timezone = 'America/New_York' VALUES ('2020-01-01 00:00:00')`,
    })
    expect(world.sink.live()).toEqual([])
    expect(world.sink.warnings).toHaveLength(2)
  })

  test('numbers that their column cannot hold are not used as keys', async () => {
    await insert('tiny', [{ n: 300, m: 1 }])
    expect(world.sink.live()).toEqual(['tiny 1'])
    await insert('tiny', [{ n: 1, m: 2 ** 32 + 7 }])
    expect(world.sink.live()).toEqual(['tiny 1', 'tiny 1'])
    expect(world.sink.records.map(({ removal }) => removal.args)).toEqual([
      expect.objectContaining({ columns: ['m'] }),
      expect.objectContaining({ columns: ['n'] }),
    ])
  })

  test('DUSTPAN_SQL_UNATTRIBUTED: the warning names an out-of-range value, and a missing key value as missing', async () => {
    await world.ask('CREATE TABLE small (id UInt8, name String) ENGINE = MergeTree ORDER BY id')
    await insert('small', [{ id: 300 }])
    await insert('events', [{ name: 'without a key' }])
    expect(world.sink.warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining('with a value that is out of range for its column (id = 300, UInt8)'),
      expect.stringContaining('without a value for any column of the sorting key (id)'),
    ])
  })

  test('an insert with wait_for_async_insert = 0 in its text is recorded as late', async () => {
    if (!world.isModern) return
    const query = `INSERT INTO events SETTINGS async_insert = 1, wait_for_async_insert = 0 VALUES (1, 'x')`
    await world.client.command({ query })
    expect(world.sink.records.map(({ removal }) => removal.args)).toEqual([expect.objectContaining({ late: true })])
  })

  test('DROP TEMPORARY TABLE keeps the records of the table of the same name', async () => {
    await insert('events', [{ id: 1 }])
    const session_id = `${Math.random()}`
    await world.client.command({ query: 'CREATE TEMPORARY TABLE events (n Int8)', session_id })
    await world.client.command({ query: 'DROP TEMPORARY TABLE events', session_id })
    expect(world.sink.live()).toEqual(['events 1'])
  })

  test('rows of a renamed table are removed, and a TRUNCATE of a new table of the old name keeps their records', async () => {
    await insert('events', [{ id: 1 }])
    await world.client.command({ query: 'RENAME TABLE events TO moved' })
    await world.client.command({ query: 'CREATE TABLE events (id UInt64) ENGINE = MergeTree ORDER BY id' })
    await world.client.command({ query: 'TRUNCATE TABLE events' })
    expect(world.sink.live()).toEqual(['events 1'])
    if (!world.isModern) return // a table has no other identity than its name there
    expect(await world.remove()).toEqual(['removed'])
    expect(await world.column('SELECT id FROM moved')).toEqual([])
  })
})
