/** Rows of other clients that existed before the test's, with the same key. */
import { Readable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { onEveryServer } from '../servers.ts'
import { openWorld, type World } from '../world.ts'

const schema = `
  CREATE TABLE visits (site String, day Date, hits UInt32) ENGINE = MergeTree PARTITION BY toYYYYMM(day) ORDER BY (site, day);
  CREATE TABLE ids (site String, user UUID) ENGINE = MergeTree ORDER BY site;
  CREATE TABLE times (at DateTime, n UInt32) ENGINE = MergeTree ORDER BY at;
  CREATE TABLE made (site String, n UInt32, at DateTime DEFAULT '2020-01-01 00:00:00') ENGINE = MergeTree ORDER BY (site, at);
  CREATE TABLE hourly (site String, at DateTime, n UInt32) ENGINE = ReplacingMergeTree ORDER BY (site, toDate(at));
  CREATE TABLE tenants (tenant String, id UInt32) ENGINE = ReplacingMergeTree ORDER BY tenant;
  CREATE TABLE partly (site String, at DateTime DEFAULT now(), n UInt32) ENGINE = SummingMergeTree ORDER BY (site, at);
  CREATE TABLE looked (code String, id UInt32) ENGINE = Join(ANY, LEFT, code);
`
const day = '2020-05-01'

onEveryServer('rows of other clients with the same key', (server) => {
  let world: World
  beforeEach(async () => {
    world = await openWorld(server, schema)
  })
  afterEach(() => world[Symbol.asyncDispose]())

  const insert = (table: string, values: readonly object[] | Readable, more: object = {}) =>
    world.client.insert({ table, values, format: 'JSONEachRow', ...more })
  const command = (query: string, more: object = {}) =>
    world.client.command({ query, clickhouse_settings: mutationSettings(), ...more })
  /** A server of 2018 does not have the setting: there the test waits for its own DELETE. */
  const mutationSettings = () => (world.isModern ? { mutations_sync: '1' as const } : {})
  const mutationsDone = async (table: string) => {
    const running = `SELECT count() FROM system.mutations WHERE table = '${table}' AND is_done = 0 AND database = currentDatabase()`
    while ((await world.ask(running)) !== '0\n') await new Promise(setImmediate)
  }
  const hits = () => world.column('SELECT hits FROM visits ORDER BY hits')

  test('DUSTPAN_NOT_OURS: a row of an existing key is kept, even if the count is right', async () => {
    await world.ask(`INSERT INTO visits VALUES ('acme', '${day}', 100)`)
    await insert('visits', [{ site: 'acme', day, hits: 1 }])
    await insert('visits', [{ site: 'other', day, hits: 2 }])
    await world.ask('ALTER TABLE visits DELETE WHERE hits = 1')
    await mutationsDone('visits')
    expect(await world.remove()).toEqual(['refused not-ours', 'removed'])
    expect(await hits()).toEqual(['100'])
  })

  test('DUSTPAN_NOT_OURS: a row of an existing time key is kept, and one inserted by a stream', async () => {
    await world.ask(`INSERT INTO times VALUES ('2020-01-01 00:00:00', 100)`)
    await world.ask(`INSERT INTO visits VALUES ('acme', '${day}', 100)`)
    await insert('times', [{ at: '2020-01-01 00:00:00', n: 1 }])
    await insert('visits', Readable.from([{ site: 'acme', day, hits: 1 }]))
    await world.ask('ALTER TABLE times DELETE WHERE n = 1')
    await world.ask('ALTER TABLE visits DELETE WHERE hits = 1')
    await mutationsDone('times')
    await mutationsDone('visits')
    expect(await world.remove()).toEqual(['refused not-ours', 'refused not-ours'])
    expect(await hits()).toEqual(['100'])
  })

  test('another client’s row is kept after a refused insert with its key', async () => {
    await insert('ids', [{ site: 'acme', user: 'no uuid' }]).catch(() => {})
    await world.ask(`INSERT INTO ids VALUES ('acme', '11111111-1111-1111-1111-111111111111')`)
    await world.remove()
    expect(await world.column('SELECT site FROM ids')).toEqual(['acme'])
  })

  test('DUSTPAN_NOT_OURS: a row of an existing key is kept when a view made the insert fail', async () => {
    await world.ask(`INSERT INTO visits VALUES ('acme', '${day}', 100)`)
    await world.ask(
      'CREATE MATERIALIZED VIEW strict ENGINE = Memory AS SELECT throwIf(hits = 1) AS refused FROM visits',
    )
    await expect(insert('visits', [{ site: 'acme', day, hits: 1 }])).rejects.toThrow()
    await world.ask('ALTER TABLE visits DELETE WHERE hits = 1')
    await mutationsDone('visits')
    expect(await world.remove()).toEqual(['refused not-ours'])
    expect(await hits()).toEqual(['100'])
  })

  test('several inserts of the test with the same key are removed', async () => {
    await insert('visits', [{ site: 'acme', day, hits: 1 }])
    await insert('visits', [{ site: 'acme', day, hits: 2 }])
    await insert('visits', Readable.from([{ site: 'acme', day, hits: 3 }]))
    expect(await world.remove()).toEqual(['removed', 'removed', 'removed'])
    expect(await hits()).toEqual([])
  })

  test('inserts of the test with and without a key column are removed together', async () => {
    await insert('made', [{ site: 'acme', at: '2020-02-02 00:00:00', n: 1 }])
    await insert('made', [{ site: 'acme', n: 2 }])
    expect(await world.remove()).toEqual(['removed', 'removed'])
    expect(await world.column('SELECT n FROM made')).toEqual([])
  })

  test('another client’s row keeps every row that an incomplete key may name', async () => {
    await insert('made', [{ site: 'acme', at: '2020-02-02 00:00:00', n: 1 }])
    await world.ask(`INSERT INTO made VALUES ('acme', 100, '2020-03-03 00:00:00')`)
    await insert('made', [{ site: 'acme', n: 2 }])
    expect(await world.remove()).toEqual(['removed', 'refused not-ours'])
    expect(await world.column('SELECT n FROM made ORDER BY n')).toEqual(['2', '100'])
  })

  test('DUSTPAN_SQL_UNATTRIBUTED: rows that the test’s own DELETE may have removed are no longer tracked', async () => {
    await insert('visits', [
      { site: 'acme', day, hits: 1 },
      { site: 'other', day, hits: 2 },
    ])
    await world.ask(`INSERT INTO visits VALUES ('acme', '${day}', 100)`)
    await command('ALTER TABLE visits DELETE WHERE hits = 1')
    await mutationsDone('visits')
    expect(world.sink.live()).toEqual([`visits ["other","${day}"]`])
    expect(world.sink.warnings).toMatchObject([{ code: 'DUSTPAN_SQL_UNATTRIBUTED', subject: 'visits deleted' }])
    expect(await world.remove()).toEqual(['removed'])
    expect(await hits()).toEqual(['100'])
  })

  test('the test’s own DELETE with parameters ends the record without a warning', async () => {
    if (!world.isModern) return
    await insert('visits', [{ site: 'acme', day, hits: 1 }])
    await command('DELETE FROM visits WHERE site = {site:String}', { query_params: { site: 'acme' } })
    expect(world.sink.live()).toEqual([])
    expect(world.sink.warnings).toEqual([])
  })

  test('the test’s own DELETE IN PARTITION keeps the records of other partitions', async () => {
    if (!world.isModern) return
    await insert('visits', [
      { site: 'acme', day, hits: 1 },
      { site: 'acme', day: '2021-01-01', hits: 1 },
    ])
    await command('-- mine\nALTER TABLE visits DELETE IN PARTITION 202005 WHERE hits = 1')
    expect(world.sink.live()).toEqual(['visits ["acme","2021-01-01"]'])
  })

  test('DROP PARTITION ends the records of that partition only', async () => {
    await insert('visits', [
      { site: 'acme', day, hits: 1 },
      { site: 'acme', day: '2021-01-01', hits: 2 },
    ])
    await command('ALTER TABLE visits DROP PARTITION 202005')
    expect(world.sink.live()).toEqual(['visits ["acme","2021-01-01"]'])
    expect(await world.remove()).toEqual(['removed'])
  })

  test('rows that merge by an expression or by an unset column are not tracked and warn', async () => {
    await world.ask(`INSERT INTO hourly VALUES ('acme', '2020-01-01 10:00:00', 100)`)
    await world.ask(`INSERT INTO tenants VALUES ('acme', 100)`)
    await insert('hourly', [{ site: 'acme', at: '2020-01-01 11:00:00', n: 1 }])
    await insert('tenants', [{ tenant: 'acme', id: 1 }])
    await insert('partly', [{ site: 'acme', n: 1 }])
    await insert('tenants', [{ tenant: 'new', id: 2 }])
    expect(world.sink.live()).toEqual(['tenants new'])
    expect(world.sink.warnings.map(({ code, subject }) => `${code} ${subject}`)).toEqual([
      'DUSTPAN_SQL_UNATTRIBUTED hourly',
      'DUSTPAN_SQL_UNATTRIBUTED partly',
    ])
    expect(await world.remove()).toEqual(['removed'])
    expect(await world.column('SELECT DISTINCT tenant FROM tenants')).toEqual(['acme'])
  })

  test('in engines with one row for each key an existing key is not tracked', async () => {
    await world.ask(`INSERT INTO looked VALUES ('a', 100)`)
    await insert('looked', [
      { code: 'a', id: 1 },
      { code: 'b', id: 2 },
    ])
    expect(world.sink.live()).toEqual(['looked b'])
    if (!world.isModern) return
    await world.ask('CREATE TABLE rocks (code String, id UInt32) ENGINE = EmbeddedRocksDB PRIMARY KEY code')
    await world.ask(`INSERT INTO rocks VALUES ('a', 100)`)
    await insert('rocks', [
      { code: 'a', id: 1 },
      { code: 'b', id: 2 },
    ])
    expect(world.sink.live()).toEqual(['looked b', 'rocks b'])
    expect(await world.remove()).toEqual(['removed', 'removed'])
    expect(await world.column('SELECT code FROM rocks')).toEqual(['a'])
  })
})
