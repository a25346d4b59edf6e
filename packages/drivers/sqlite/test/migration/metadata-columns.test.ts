import { targetOf } from '@dustpan/conformance/capture'
import { removalContext } from '@dustpan/conformance/drivers/driver'
import { describe, expect, test } from 'vitest'
import { clients, installed, opened, rows, temporaryFile } from '../clients.ts'
import { driverOf, toFile } from '../removal/harness.ts'

const columns = { run: 'test_run_id', createdByTest: 'created_by_test', createdAt: 'test_created_at' }
const run = '20261121-120000-abcdef'

describe.each(clients)('$name', (client) => {
  const planOf = async (file: string, tables?: readonly string[], names = columns) =>
    (await driverOf({ file, client: client.name }).migration?.plan(tables, names, removalContext())) ?? []

  async function shop(schema: string) {
    const file = temporaryFile()
    const database = opened(client, file)
    database.exec(schema)
    for (const { sql } of await planOf(file)) for (const statement of sql) database.exec(statement)
    return { file, database }
  }

  function marking(active = true) {
    return Object.assign(installed(client), { active, marker: { run, columns } })
  }

  const users = 'CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT UNIQUE)'
  const marked = { run, test: 1, dated: 1 }
  const marksSql =
    'SELECT test_run_id AS run, created_by_test AS test, test_created_at IS NOT NULL AS dated FROM users ORDER BY id'

  test('the planned SQL adds everything that tables lack, and a dropped index is reported as lacking', async () => {
    const { file, database } = await shop(
      `${users}; CREATE TABLE "o'd;d ""x" (a TEXT, b TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID`,
    )
    expect((await planOf(file)).map(({ lacks }) => lacks)).toEqual([[], []])
    database.exec('DROP INDEX users_test_run_id')
    expect(await planOf(file, ['USERS'])).toMatchObject([
      {
        table: 'users',
        lacks: ['index'],
        sql: [
          'CREATE INDEX IF NOT EXISTS "users_test_run_id" ON "users" ("test_run_id") WHERE "test_run_id" IS NOT NULL;',
        ],
      },
    ])
    await expect(planOf(file, ['nowhere'])).rejects.toMatchObject({ code: 'DUSTPAN_INVALID_ARGUMENT' })
  })

  test('rows are marked by every kind of insert, and statements return the same results', async () => {
    const { database } = await shop(users)
    const sink = marking()
    const insert = database.prepare('INSERT INTO users (name) VALUES (?)')
    expect(insert.run('a')).toMatchObject({ changes: 1, lastInsertRowid: 1 })
    expect({
      ...(database.prepare(`INSERT INTO users (name) VALUES ('b') RETURNING *`).get() as object),
    }).toMatchObject({ id: 2, name: 'b' })
    database.exec(
      `INSERT INTO users (name) SELECT 'c' UNION SELECT 'd'; INSERT INTO users (name) VALUES ('e'), ('a') ON CONFLICT (name) DO UPDATE SET name = 'a2'`,
    )
    expect(database.prepare('SELECT changes() AS n').get()).toMatchObject({ n: 2 })
    expect(rows(database, marksSql)).toEqual(Array(5).fill(marked))
    expect(sink.records.map(({ proof }) => proof)).toEqual(
      Array(5).fill({ strength: 'exact', match: { test_run_id: run } }),
    )
  })

  test.each([
    `INSERT OR REPLACE INTO users (id, name) VALUES (1, 'old')`,
    `REPLACE INTO users (id, name) VALUES (1, 'old'), (9, 'new')`,
    'REPLACE INTO users (id, name) SELECT id, name FROM users WHERE id = 1',
    `INSERT INTO users (id, name) VALUES (1, 'old') ON CONFLICT (id) DO UPDATE SET name = excluded.name`,
    'UPDATE OR REPLACE users SET name = name WHERE id = 1',
  ])('an existing row gets no mark when it is overwritten: %s', async (sql) => {
    const { database } = await shop(`${users}; INSERT INTO users (name) VALUES ('old')`)
    marking()
    database.exec(`INSERT INTO users (name) VALUES ('a'); ${sql}; INSERT INTO users (name) VALUES ('z'); ${sql}`)
    const found = `SELECT name FROM users WHERE test_run_id = '${run}' AND name <> 'new' ORDER BY name`
    expect(rows(database, found)).toEqual([{ name: 'a' }, { name: 'z' }])
  })

  test('a recorded row keeps its mark when the test overwrites it, and is removed', async () => {
    const { file, database } = await shop(users)
    const sink = marking()
    database.exec(`INSERT INTO users (name) VALUES ('a'); REPLACE INTO users (id, name) VALUES (1, 'a2'), (2, 'b')`)
    expect(rows(database, marksSql)).toEqual([marked, marked])
    sink.active = false
    await using connection = await toFile(file, { client: client.name })
    const outcomes = await connection.remove(sink.records.map(targetOf), removalContext())
    expect([...outcomes.values()].map(({ state }) => state)).toEqual(['removed', 'removed'])
  })

  test('a mark set by the test itself is kept, and a row whose mark was changed later is refused', async () => {
    const { file, database } = await shop(users)
    const sink = marking()
    database.exec(
      `INSERT INTO users (name, test_run_id) VALUES ('a', 'mine'); INSERT INTO users (name) VALUES ('b'), ('c')`,
    )
    const targets = sink.records.map(targetOf)
    sink.active = false
    database.exec(`UPDATE users SET test_run_id = 'another' WHERE name = 'b'`)
    expect(targets.map(({ proof }) => proof.strength)).toEqual(['key-only', 'exact', 'exact'])
    await using connection = await toFile(file, { client: client.name })
    const outcomes = await connection.remove(targets, removalContext())
    expect(targets.map(({ id }) => outcomes.get(id)?.state)).toEqual(['removed', 'refused', 'removed'])
  })

  test('rows inserted outside a scope are not marked', async () => {
    const { database } = await shop(users)
    const sink = marking()
    database.exec(`INSERT INTO users (name) VALUES ('a')`)
    sink.active = false
    database.exec(`INSERT INTO users (name) VALUES ('b')`)
    expect(rows(database, 'SELECT test_run_id AS run FROM users ORDER BY id')).toEqual([{ run }, { run: null }])
  })

  test('rows are inserted without a mark if the mark would break a constraint or run an update trigger', async () => {
    const checked = `CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, test_run_id TEXT CHECK (test_run_id = 'x'), created_by_test INTEGER, test_created_at INTEGER)`
    const { file, database } =
      await shop(`${checked}; CREATE TABLE watched (id INTEGER PRIMARY KEY, test_run_id TEXT); CREATE TABLE seen (n);
      CREATE TRIGGER w AFTER UPDATE OF test_run_id ON watched BEGIN INSERT INTO seen VALUES (NEW.id); END`)
    const sink = marking()
    database.exec('INSERT INTO users (id) VALUES (1); INSERT INTO watched (id) VALUES (1)')
    expect(rows(database, 'SELECT test_run_id AS run FROM users UNION ALL SELECT test_run_id FROM watched')).toEqual([
      { run: null },
      { run: null },
    ])
    expect(rows(database, 'SELECT * FROM seen')).toEqual([])
    expect(sink.records.map(({ proof }) => proof.strength)).toEqual(['key-only', 'key-only'])
    expect(await planOf(file, ['watched'])).toMatchObject([{ why: expect.stringContaining('triggers for updates') }])
  })

  test('an insert trigger of the user runs as before, and its row is marked', async () => {
    const { database } = await shop(
      `${users}; CREATE TRIGGER t AFTER INSERT ON users BEGIN UPDATE users SET name = NEW.name || '!' WHERE id = NEW.id; END`,
    )
    marking()
    expect(database.prepare(`INSERT INTO users (name) VALUES ('a')`).run()).toMatchObject({ changes: 1 })
    expect(rows(database, 'SELECT name, test_run_id AS run FROM users')).toEqual([{ name: 'a!', run }])
  })

  test('rows are marked in tables without a rowid or a key, and with numeric creation times', async () => {
    const { database } = await shop(
      `CREATE TABLE pairs (a TEXT, b BLOB, PRIMARY KEY (a, b)) WITHOUT ROWID; CREATE TABLE bare (n); ${users}`,
    )
    database.exec('ALTER TABLE users DROP COLUMN test_created_at; ALTER TABLE users ADD COLUMN test_created_at INTEGER')
    const sink = marking()
    database.exec(
      `INSERT INTO pairs (a, b) VALUES ('x', x'00'); INSERT INTO bare (n) VALUES (1); INSERT INTO users (name) VALUES ('a')`,
    )
    expect(rows(database, 'SELECT test_run_id AS run FROM pairs UNION ALL SELECT test_run_id FROM bare')).toEqual([
      { run },
      { run },
    ])
    expect(rows(database, 'SELECT typeof(test_created_at) AS type FROM users')).toEqual([{ type: 'integer' }])
    expect(sink.records.map(({ proof }) => proof.strength)).toEqual(['exact', 'exact', 'exact'])
  })
})
