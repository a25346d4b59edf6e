import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { RecordingSink, targetOf } from '@dustpan/conformance/capture'
import { driverContext } from '@dustpan/conformance/drivers/driver'
import { once, testName } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import type { TableMigration } from '@dustpan/core/driver'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { expect, test } from 'vitest'
import { pgInstrument } from '../../src/capture/instrument.ts'
import { createDriver } from '../../src/driver.ts'
import { connect, ctx, remove } from '../removal/fixture.ts'

const server = await testServer()
const names = { run: 'test_run_id', createdByTest: 'created_by_test', createdAt: 'test_created_at' }
const run = '20261121-120000-abcdef'

async function migration(url: string, tables?: readonly string[], columns = names): Promise<readonly TableMigration[]> {
  const driver = createDriver('main', { url }, driverContext(import.meta.dirname))
  return (await driver.migration?.plan(tables, columns, { signal: ctx.signal, deadline: ctx.deadline })) ?? []
}

async function migrate(url: string, tables?: readonly string[], columns = names): Promise<void> {
  for (const { sql } of await migration(url, tables, columns)) for (const statement of sql) await once(url, statement)
}

/** Runs `work` with a captured pool whose rows are marked. */
async function marking(
  url: string,
  work: (pool: pg.Pool, sink: RecordingSink) => Promise<void>,
  max = 1,
): Promise<RecordingSink> {
  const sink = Object.assign(new RecordingSink(), { marker: { run, columns: names } })
  using _installed = pgInstrument({ serves: () => true, leadsTo: () => true, ignoreTables: [] }).install(pg, sink)
  const pool = new pg.Pool({ connectionString: url, max })
  try {
    await sink.run('test', () => work(pool, sink))
  } finally {
    await pool.end()
  }
  return sink
}

const marks = async (url: string, table = 'users') =>
  (
    await once(
      url,
      `SELECT test_run_id AS run, created_by_test AS test, test_created_at IS NULL AS undated FROM ${table} ORDER BY id`,
    )
  ).rows
const marked = { run, test: true, undated: false }
const unmarked = { run: null, test: false, undated: true }
const users = 'CREATE TABLE users (id serial PRIMARY KEY, name text UNIQUE)'

test('the printed SQL completes a table, and rows of others are not marked', async () => {
  const url = await server.database(`${users}; INSERT INTO users (name) VALUES ('old')`)
  expect(await migration(url)).toMatchObject([{ table: 'users', lacks: ['columns', 'default', 'index'] }])
  await migrate(url)
  expect(await migration(url)).toEqual([{ table: 'users', lacks: [], sql: [] }])
  await once(url, `INSERT INTO users (name) VALUES ('stranger')`)
  expect(await marks(url)).toEqual([{ run: null, test: null, undated: true }, unmarked])
})

test('an existing row that an upsert or MERGE updates is not marked', async () => {
  const url = await server.database(`${users}; INSERT INTO users (name) VALUES ('old')`)
  await migrate(url)
  await marking(url, async (pool) => {
    await pool.query(
      `INSERT INTO users (name) VALUES ('old'), ('a') ON CONFLICT (name) DO UPDATE SET name = excluded.name`,
    )
    await pool.query(
      `MERGE INTO users u USING (VALUES ('old')) v (name) ON u.name = v.name WHEN MATCHED THEN UPDATE SET name = v.name WHEN NOT MATCHED THEN INSERT (name) VALUES (v.name)`,
    )
  })
  expect(await marks(url)).toEqual([{ run: null, test: null, undated: true }, marked])
})

test('a migration keeps existing columns and adds only what is missing', async () => {
  const url = await server.database(
    `CREATE TABLE users (id serial PRIMARY KEY, test_run_id VARCHAR(50), created_by_test BOOLEAN DEFAULT FALSE, test_created_at TIMESTAMP)`,
  )
  expect(await migration(url)).toMatchObject([{ lacks: ['default', 'index'] }])
  await migrate(url)
  await once(url, 'DROP INDEX users_test_run_id')
  expect(await migration(url)).toMatchObject([
    {
      lacks: ['index'],
      sql: [
        'CREATE INDEX IF NOT EXISTS "users_test_run_id" ON "users" ("test_run_id") WHERE "test_run_id" IS NOT NULL;',
      ],
    },
  ])
})

test('a query by run uses the index', async () => {
  const url = await server.database(users)
  await migrate(url)
  await once(url, `INSERT INTO users (name) SELECT 'n' || n FROM generate_series(1, 2000) n; ANALYZE users`)
  const { rows } = await once(url, `EXPLAIN SELECT * FROM users WHERE test_run_id = 'x'`)
  expect(JSON.stringify(rows)).toContain('users_test_run_id')
})

test('rows are marked whatever statement inserts them, and results are unchanged', async () => {
  const url = await server.database(users)
  await migrate(url)
  const sink = await marking(url, async (pool) => {
    const { rows, command, rowCount } = await pool.query(`INSERT INTO users (name) VALUES ('a') RETURNING id`)
    expect({ rows, command, rowCount }).toEqual({ rows: [{ id: 1 }], command: 'INSERT', rowCount: 1 })
    expect((await pool.query(`INSERT INTO users (name) VALUES ('b')`)).rows).toEqual([])
    await pool.query(`INSERT INTO users (name) SELECT 'c' || n FROM generate_series(1, 2) n`)
    await pool.query({ name: 'one', text: 'INSERT INTO users (name) VALUES ($1)', values: ['d'] })
    await pool.query(
      `INSERT INTO users (name) VALUES ('e'), ('a') ON CONFLICT (name) DO UPDATE SET name = excluded.name || '2'`,
    )
    const client = await pool.connect()
    await client.query('BEGIN')
    await pipeline(Readable.from(['f\n', 'g\n']), client.query(copyFrom('COPY users (name) FROM STDIN')))
    await client.query('COMMIT')
    client.release()
  })
  expect(await marks(url)).toEqual(Array(8).fill(marked))
  expect(sink.keys()).toEqual({ users: [1, 2, 3, 4, 5, 6, 8, 9] })
  const exact = { strength: 'exact', match: { test_run_id: run }, incarnation: expect.any(Number) }
  expect(sink.records.slice(0, 5).map(({ proof }) => proof)).toEqual(Array(5).fill(exact))
})

test('rows are marked in each client of a pool after ROLLBACK, RESET ALL and DISCARD ALL', async () => {
  const url = await server.database(users)
  await migrate(url)
  const named = (name: string) => ({ name: 'add', text: 'INSERT INTO users (name) VALUES ($1)', values: [name] })
  await marking(
    url,
    async (pool) => {
      const clients = await Promise.all([pool.connect(), pool.connect()])
      for (const [index, client] of clients.entries()) {
        await client.query('BEGIN')
        await client.query(named(`undone ${index}`))
        await client.query('ROLLBACK')
        await client.query(named(`a ${index}`))
        await client.query('BEGIN')
        await client.query('SAVEPOINT s')
        await client.query(named(`b ${index}`))
        await client.query('ROLLBACK TO s')
        await client.query(named(`c ${index}`))
        await client.query('COMMIT')
        await client.query('RESET ALL')
        await client.query(`INSERT INTO users (name) VALUES ('d ${index}')`)
        await client.query('DISCARD ALL')
        await client.query(`INSERT INTO users (name) VALUES ('e ${index}')`)
        client.release()
      }
    },
    2,
  )
  expect(await marks(url)).toEqual(Array(8).fill(marked))
})

test('a row to which the test gives another mark keeps it, and has only the incarnation as proof', async () => {
  const url = await server.database(users)
  await migrate(url)
  const sink = await marking(url, async (pool) => {
    await pool.query(`INSERT INTO users (name, test_run_id) VALUES ('a', 'mine'), ('b', NULL), ('c', DEFAULT)`)
  })
  expect((await marks(url)).map((row) => row.run)).toEqual(['mine', null, run])
  expect(sink.records.map(({ key, proof }) => [key, proof.strength])).toEqual([
    [1, 'incarnation'],
    [2, 'incarnation'],
    [3, 'exact'],
  ])
})

test('a row whose mark was changed is refused', async () => {
  const url = await server.database(users)
  await migrate(url)
  const sink = await marking(url, (pool) => pool.query(`INSERT INTO users (name) VALUES ('a'), ('b')`).then(() => {}))
  await once(url, `UPDATE users SET test_run_id = 'another' WHERE id = 1`)
  await using connection = await connect(url, {}, sink.records[0]?.store.id)
  expect(await remove(connection, sink.records.map(targetOf))).toMatchObject([{ why: 'not-ours' }, 'removed'])
})

test('rows are not marked through a pooler that shares sessions, with DUSTPAN_ROWS_UNMARKED', async () => {
  const url = await server.database(users)
  await migrate(url)
  const sink = await marking(url, async (pool) => {
    const client = await pool.connect()
    Object.assign(client, { processID: 1 })
    for (const name of ['a', 'b']) await client.query('INSERT INTO users (name) VALUES ($1)', [name])
    client.release()
  })
  expect(await marks(url)).toEqual([unmarked, unmarked])
  expect(sink.warnings).toMatchObject([
    { code: 'DUSTPAN_ROWS_UNMARKED', message: expect.stringContaining('a pooler shares its sessions') },
  ])
  expect(sink.keys()).toEqual({ users: [1, 2] })
})

test('rows of an application that sets dustpan.run are marked, with at most 50 characters of the run', async () => {
  const url = await server.database(users)
  await migrate(url)
  await once(
    url,
    `BEGIN; SET LOCAL dustpan.run = '${'r'.repeat(80)}'; INSERT INTO users (name) VALUES ('a'); COMMIT; INSERT INTO users (name) VALUES ('b')`,
  )
  expect(await marks(url)).toEqual([{ ...marked, run: 'r'.repeat(50) }, unmarked])
})

test('tables with hostile names, partitioned tables and other column names are migrated and marked', async () => {
  const odd = `we"ird; DROP TABLE x.y ü`
  const quoted = `"${odd.replaceAll('"', '""')}"`
  const url =
    await server.database(`CREATE SCHEMA "s.x"; CREATE TABLE "s.x".${quoted} (id serial PRIMARY KEY, name text);
    CREATE TABLE parted (id serial, at int, PRIMARY KEY (id, at)) PARTITION BY RANGE (at); CREATE TABLE part PARTITION OF parted DEFAULT;
    CREATE VIEW seen AS SELECT 1 AS id; CREATE TABLE numbered (id int, "r'un" int)`)
  const columns = { run: `r'un`, createdByTest: 'by "test"', createdAt: 'at;' }
  expect((await migration(url, undefined, columns)).map(({ table, why }) => [table, why])).toEqual([
    ['numbered', `its column r'un is no text, but integer`],
    ['parted', undefined],
    [`s.x.${odd}`, undefined],
  ])
  expect(await migration(url, ['seen', 'part'])).toMatchObject([
    { why: expect.stringContaining('partition') },
    { why: 'it is no table' },
  ])
  await migrate(url, undefined, columns)
  expect((await migration(url, ['parted', `"s.x".${quoted}`], columns)).flatMap(({ lacks }) => lacks)).toEqual([])
  const sink = await marking(url, async (pool) => {
    await pool.query('INSERT INTO parted (at) VALUES (1)')
    await pool.query(`INSERT INTO "s.x".${quoted} (name) VALUES ('a')`)
  })
  const proofs = sink.records.map(({ proof }) => proof)
  expect(proofs).toMatchObject(Array(2).fill({ strength: 'exact', match: { "r'un": run } }))
  await expect(migration(url, ['nowhere'])).rejects.toMatchObject({ code: 'DUSTPAN_INVALID_ARGUMENT' })
})

test('an INSERT by a role that may not read the mark succeeds, with only the incarnation as proof', async () => {
  const url = await server.database(users)
  await migrate(url)
  const limitedRole = testName()
  await once(
    url,
    `CREATE ROLE ${limitedRole} LOGIN PASSWORD 'x'; GRANT INSERT ON users TO ${limitedRole}; GRANT SELECT (id, name) ON users TO ${limitedRole}; GRANT USAGE ON SEQUENCE users_id_seq TO ${limitedRole}`,
  )
  const sink = await marking(url.replace('postgres:secret', `${limitedRole}:x`), (pool) =>
    pool.query(`INSERT INTO users (name) VALUES ('a')`).then(() => {}),
  )
  expect(sink.records.map(({ proof }) => proof.strength)).toEqual(['incarnation'])
})
