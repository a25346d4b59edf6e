/** Existing rows that a test removes and inserts again are not the test's. */
import { Readable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { onEveryServer } from '../servers.ts'
import { openWorld, type World } from '../world.ts'

const schema = `
  CREATE TABLE events (id UInt32, name String) ENGINE = MergeTree PARTITION BY id % 10 ORDER BY id;
  CREATE TABLE visits (site String, at DateTime, hits UInt32) ENGINE = MergeTree ORDER BY (site, at);
  CREATE TABLE marked (id UInt32, name String, test_run_id String DEFAULT '') ENGINE = MergeTree ORDER BY id;
  CREATE TABLE latest (id UInt32, name String) ENGINE = ReplacingMergeTree ORDER BY id;
  CREATE TABLE signed (id UInt32, name String, sign Int8) ENGINE = CollapsingMergeTree(sign) ORDER BY id;
`
const columns = { run: 'test_run_id', createdByTest: 'created_by_test', createdAt: 'test_created_at' }
const at = '2020-05-01 10:00:00'

onEveryServer('existing rows that are removed and inserted again', (server) => {
  let world: World
  beforeEach(async () => {
    world = await openWorld(server, schema)
  })
  afterEach(() => world[Symbol.asyncDispose]())

  const insert = (table: string, values: readonly object[] | Readable) =>
    world.client.insert({ table, values, format: 'JSONEachRow' })
  const mutationsDone = async (table: string) => {
    const running = `SELECT count() FROM system.mutations WHERE table = '${table}' AND is_done = 0 AND database = currentDatabase()`
    while ((await world.ask(running)) !== '0\n') await new Promise(setImmediate)
  }
  const command = async (query: string, more: object = {}) => {
    await world.client.command({ query, ...more })
    if (/\bDELETE\b/.test(query)) await mutationsDone(/(?:FROM|TABLE) (\w+)/.exec(query)?.[1] ?? '')
  }
  const seed = (table: string, rest = '') =>
    world.ask(`INSERT INTO ${table} VALUES (1, 'real'${rest}), (2, 'real'${rest})`)
  const ids = (table: string) => world.column(`SELECT id FROM ${table} ORDER BY id`)
  const reinserted = [
    { id: 1, name: 'real' },
    { id: 2, name: 'real' },
  ]
  const createEvents = 'CREATE TABLE events (id UInt32, name String) ENGINE = MergeTree ORDER BY id'

  test.for([
    ['TRUNCATE TABLE events'],
    ['ALTER TABLE events DELETE WHERE id < 5'],
    ['ALTER TABLE events DROP PARTITION 1', 'ALTER TABLE events DROP PARTITION 2'],
    ['DROP TABLE events', createEvents],
  ])('are not tracked after %s', (statements) => staysAfter(statements))

  const staysAfter = async (statements: readonly string[]) => {
    await seed('events')
    for (const statement of statements) await command(statement)
    await insert('events', [...reinserted, { id: 3, name: 'new' }])
    expect(world.sink.live()).toEqual(['events 3'])
    expect(world.sink.warnings).toEqual([])
    expect(await world.remove()).toEqual(['removed'])
    expect(await ids('events')).toEqual(['1', '2'])
  }

  test('are not tracked after DELETE FROM with parameters and after DROP DATABASE', async () => {
    if (!world.isModern) return
    await seed('events')
    await command('DELETE FROM events WHERE id = {id:UInt32}', { query_params: { id: 1 } })
    await insert('events', reinserted.slice(0, 1))
    expect(world.sink.live()).toEqual([])
    const database = new URL(world.url).pathname.slice(1)
    await command(`DROP DATABASE ${database}`)
    await world.client.command({ query: `CREATE DATABASE ${database}` }).catch(() => {})
    await createAgain(database)
    await insert('events', [...reinserted, { id: 3, name: 'new' }])
    expect(world.sink.live()).toEqual(['events 3'])
  })

  /** Not through the client: its own database was dropped, so that it can send no statement. */
  const createAgain = async (database: string) => {
    const { origin } = new URL(world.url)
    await fetch(`${origin}/`, { method: 'POST', body: `CREATE DATABASE IF NOT EXISTS ${database}` })
    await world.ask(createEvents)
  }

  test('are not marked with the run in a table with test_run_id', async () => {
    world.sink.marker = { run: 'run-1', columns }
    await world.ask(`INSERT INTO marked VALUES (1, 'real', ''), (2, 'real', '')`)
    await command('TRUNCATE TABLE marked')
    await insert('marked', [...reinserted, { id: 3, name: 'new' }])
    await insert('marked', [{ id: 4, name: 'new' }])
    expect(world.sink.live()).toEqual(['marked 3', 'marked 4'])
    expect(await world.column('SELECT id, test_run_id FROM marked ORDER BY id')).toEqual([
      '1\t',
      '2\t',
      '3\t',
      '4\trun-1',
    ])
    await command('TRUNCATE TABLE marked')
    await insert('marked', [{ id: 4, name: 'the run’s' }])
    await insert('marked', Readable.from(reinserted))
    expect(world.sink.live()).toEqual(['marked 4'])
    expect(await world.remove()).toEqual(['removed'])
    expect(await ids('marked')).toEqual(['1', '2'])
  })

  test('are not tracked in merging engines after a DELETE and after a row that cancels them', async () => {
    await seed('latest')
    await seed('signed', ', 1')
    await command('ALTER TABLE latest DELETE WHERE id = 1')
    await insert('latest', [...reinserted, { id: 3, name: 'new' }])
    await insert('signed', [
      { id: 1, name: 'real', sign: -1 },
      { id: 3, name: 'new', sign: 1 },
    ])
    await insert('signed', [{ id: 3, name: 'new', sign: -1 }])
    await command('OPTIMIZE TABLE signed FINAL')
    await insert('signed', [{ id: 1, name: 'real', sign: 1 }])
    expect(world.sink.live()).toEqual(['latest 3', 'signed 3'])
    await world.remove()
    expect(await world.column('SELECT DISTINCT id FROM latest ORDER BY id')).toEqual(['1', '2'])
    expect(await ids('signed')).toEqual(['1', '2'])
  })

  test('are recognised by times in another format, and other rows of the same site are tracked', async () => {
    await world.ask(`INSERT INTO visits VALUES ('acme', '${at}', 1)`)
    const [time] = await world.column('SELECT toUInt32(at) FROM visits')
    await command('TRUNCATE TABLE visits')
    await insert('visits', [
      { site: 'acme', at: Number(time), hits: 1 },
      { site: 'acme', at: Number(time) + 60, hits: 1 },
    ])
    expect(world.sink.live()).toEqual([`visits ["acme",${Number(time) + 60}]`])
  })

  test('the test’s own rows are tracked when they are inserted again', async () => {
    await world.ask(`INSERT INTO visits VALUES ('acme', '${at}', 1)`)
    const [time] = await world.column('SELECT toUInt32(at) FROM visits')
    await insert('events', reinserted)
    await insert('visits', [{ site: 'other', at: Number(time), hits: 1 }])
    await command('TRUNCATE TABLE events')
    await command('TRUNCATE TABLE visits')
    await insert('events', reinserted)
    await insert('visits', [{ site: 'other', at: Number(time), hits: 1 }])
    expect(world.sink.live()).toEqual(['events 1', 'events 2', `visits ["other",${time}]`])
    expect(await world.remove()).toEqual(['removed', 'removed', 'removed'])
  })

  test('DUSTPAN_NOT_OURS: all rows of a key are kept when more are inserted than were removed', async () => {
    await seed('events')
    await command('TRUNCATE TABLE events')
    await insert('events', [...reinserted, { id: 1, name: 'one more' }])
    expect(world.sink.live()).toEqual(['events 1'])
    expect(await world.remove()).toEqual(['refused not-ours'])
    expect(await ids('events')).toEqual(['1', '1', '2'])
  })

  test('DUSTPAN_NOT_OURS: a row with the key of an existing row that was not removed is kept', async () => {
    await seed('events')
    await command('ALTER TABLE events DROP PARTITION 2')
    await insert('events', reinserted)
    expect(world.sink.live()).toEqual(['events 1'])
    expect(await world.remove()).toEqual(['refused not-ours'])
  })

  test('DUSTPAN_SQL_UNATTRIBUTED: after a removal of 10,001 rows nothing of the table is tracked', async () => {
    await world.ask(`INSERT INTO events SELECT number AS id, 'real' AS name FROM system.numbers LIMIT 10001`)
    await command('TRUNCATE TABLE events')
    await insert('events', reinserted)
    expect(world.sink.live()).toEqual([])
    expect(world.sink.warnings).toMatchObject([{ code: 'DUSTPAN_SQL_UNATTRIBUTED', subject: 'events removed' }])
  })

  test('a removal that the server refuses does not affect what is tracked', async () => {
    await seed('events')
    await expect(command('ALTER TABLE events DELETE WHERE nothing = 1')).rejects.toThrow()
    await insert('events', [{ id: 3, name: 'new' }])
    expect(world.sink.live()).toEqual(['events 3'])
  })
  // Last, because a TRUNCATE ends no records on a server on which a table was renamed.
  test.for([
    ['RENAME TABLE events TO others', createEvents, 'DROP TABLE others'],
    ['RENAME TABLE events TO others', 'TRUNCATE TABLE others', 'RENAME TABLE others TO events'],
  ])('are not tracked after %s, %s, %s', (statements) => staysAfter(statements))
})
