/** A pooler that shares the sessions of the server: Dustpan works, and leaves nothing behind in a session. */
import { beginIn, projectFolder } from '@dustpan/conformance/run'
import { once, type Pooler, pgbouncer, startServer } from '@dustpan/conformance/servers'
import pg from 'pg'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { install, logged } from '../application/database.ts'

const schema = `
  CREATE TABLE users (id serial PRIMARY KEY, name text);
  CREATE TABLE orders (id serial PRIMARY KEY, user_id int REFERENCES users);
  INSERT INTO users (name) VALUES ('there');
`

/** Everything that is set in a session of the server, except the application name, which PgBouncer sets. */
const sessionSql = `SELECT (SELECT json_object_agg(name, setting) FROM pg_settings WHERE source = 'session' AND name <> 'application_name') settings,
  coalesce(current_setting('dustpan.off', true), '') AS off, (SELECT count(*)::int FROM pg_prepared_statements) prepared,
  (SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory') locks`

describe('through PgBouncer with transaction pooling', async () => {
  const server = await startServer()
  const pooler = await pgbouncer(server)
  afterAll(() => server[Symbol.asyncDispose]())
  if ('missing' in pooler) return test('needs PgBouncer', ({ skip }) => skip(pooler.missing))
  afterAll(() => pooler[Symbol.asyncDispose]())

  const names = async (url: string) =>
    (await once(url, 'SELECT name FROM users ORDER BY id')).rows.map((row) => row.name)

  test.each([
    { what: 'without the application log', options: {} },
    { what: 'with the application log', options: { application: true } },
    { what: 'with the application log and restore', options: { application: { restore: true } } },
  ])('rows are removed, and the session is left as it was: $what', async ({ options }) => {
    const { direct, pooled, run, before } = await world(server, pooler, options)
    for (const verdict of ['passed', 'failed'] as const)
      await run.test(async () => {
        const client = await clientOf(pooled)
        const { rows } = await client.query(`INSERT INTO users (name) VALUES ('test''s') RETURNING id`)
        await client.query('BEGIN')
        await client.query('INSERT INTO orders (user_id) VALUES ($1)', [rows[0].id])
        await client.query('COMMIT')
      }, verdict)
    expect(await names(direct)).toEqual(['there'])
    expect((await once(pooled, sessionSql)).rows).toEqual(before)
  })

  test('removals by Dustpan are not logged, and later statements of the application are', async () => {
    const { direct, pooled, run } = await world(server, pooler, { application: true })
    await run.test(async () => {
      await (await clientOf(pooled)).query(`INSERT INTO users (name) VALUES ('test''s')`)
    })
    expect(await names(direct)).toEqual(['there'])
    expect((await logged(direct)).filter(({ op }) => op === 'd')).toEqual([])
    await once(pooled, `INSERT INTO users (name) VALUES ('later')`)
    expect((await logged(direct)).filter(({ settled }) => !settled)).toHaveLength(1)
  })

  test('a removal does not wait for a lock, and the lock_timeout of the session is left as it was', async () => {
    const { direct, pooled, run } = await world(server, pooler, {})
    const other = await clientOf(direct)
    const report = await run.test(async () => {
      await (await clientOf(pooled)).query(`INSERT INTO users (name) VALUES ('test''s')`)
      await other.query('BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE')
    })
    expect(report?.totals.removed).toBe(0)
    expect((await once(pooled, 'SHOW lock_timeout')).rows).toEqual([{ lock_timeout: '0' }])
    await other.query('ROLLBACK')
    await run.end()
    expect(await names(direct)).toEqual(['there'])
  })
})

async function world(server: Awaited<ReturnType<typeof startServer>>, pooler: Pooler, options: object) {
  const direct = await server.database(schema)
  const pooled = pooler.through(direct)
  if ('application' in options) await install(direct, options)
  const before = (await once(pooled, sessionSql)).rows
  const use = '@dustpan/postgres'
  const drivers = [{ use, name: 'main', options: { url: pooled, ...options } }]
  const run = await beginIn(projectFolder(use, { drivers }), [pg])
  onTestFinished(() => run[Symbol.asyncDispose]())
  return { direct, pooled, run, before }
}

async function clientOf(url: string): Promise<pg.Client> {
  const client = new pg.Client(url)
  await client.connect()
  onTestFinished(() => client.end())
  return client
}
