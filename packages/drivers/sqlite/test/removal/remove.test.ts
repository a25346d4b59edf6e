import { targetOf } from '@dustpan/conformance/capture'
import { removalContext } from '@dustpan/conformance/drivers/driver'
import { describe, expect, test } from 'vitest'
import { clients, installed, opened, rows, type TestDatabase, temporaryFile } from '../clients.ts'
import { connected, driverOf, removed, row, target, toFile } from './harness.ts'

describe.each(clients)('$name', (client) => {
  const options = { client: client.name }

  function store(schema: string): { file: string; database: TestDatabase } {
    const file = temporaryFile()
    const database = opened(client, file)
    database.exec(schema)
    return { file, database }
  }

  const family = `CREATE TABLE users (id INTEGER PRIMARY KEY, boss INTEGER REFERENCES users);
    CREATE TABLE pets (id INTEGER PRIMARY KEY, owner INTEGER REFERENCES users ON DELETE CASCADE);
    CREATE TABLE notes (id INTEGER PRIMARY KEY, about INTEGER REFERENCES pets ON DELETE SET NULL);
    INSERT INTO users VALUES (1, NULL), (2, 1), (3, NULL); INSERT INTO pets VALUES (10, 1), (11, 3);
    INSERT INTO notes VALUES (20, 11)`

  test('existing rows are removed, and missing ones are reported as already gone', async () => {
    const { file, database } = store('CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2), (3)')
    await using connection = await toFile(file, options)
    expect(await removed(connection, [row('t', 1), row('t', 2)])).toEqual({ 't 1': 'removed', 't 2': 'removed' })
    expect(await removed(connection, [row('t', 2), row('t', 3)])).toEqual({ 't 2': 'already-gone', 't 3': 'removed' })
    expect(rows(database, 'SELECT * FROM t')).toEqual([])
  })

  test('a row referenced by untracked rows is refused with DUSTPAN_HAS_DEPENDENTS, and no row is deleted', async () => {
    const { file, database } = store(family)
    await using connection = await toFile(file, options)
    const outcomes = await connection.remove([row('users', 1), row('users', 3)], removalContext())
    expect(outcomes.get('users 1')).toMatchObject({
      state: 'refused',
      why: 'has-dependents',
      detail: {
        dependents: [
          { type: 'pets', key: 10 },
          { type: 'users', key: 2 },
        ],
      },
      error: { code: 'DUSTPAN_HAS_DEPENDENTS' },
    })
    expect(outcomes.get('users 3')).toMatchObject({ detail: { dependents: [{ type: 'pets', key: 11 }] } })
    expect(rows(database, 'SELECT id FROM users UNION ALL SELECT id FROM pets')).toHaveLength(5)
  })

  test('a referenced row is refused, and the rest of its batch is removed', async () => {
    const { file } = store(family)
    await using connection = await toFile(file, options)
    expect(await removed(connection, [row('pets', 10), row('pets', 11), row('pets', 12)])).toEqual({
      'pets 10': 'removed',
      'pets 11': 'refused has-dependents',
      'pets 12': 'already-gone',
    })
  })

  test('rows that reference each other are removed together, unless another row references one of them', async () => {
    const { file, database } =
      store(`CREATE TABLE a (id INTEGER PRIMARY KEY, b INTEGER NOT NULL REFERENCES b DEFERRABLE INITIALLY DEFERRED);
      CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER REFERENCES a); BEGIN; INSERT INTO a VALUES (1, 1), (2, 2);
      INSERT INTO b VALUES (1, 1), (2, 2); COMMIT; CREATE TABLE c (id INTEGER PRIMARY KEY, a REFERENCES a); INSERT INTO c VALUES (9, 2)`)
    await using connection = await toFile(file, options)
    const all = [row('a', 1), row('b', 1), row('a', 2), row('b', 2)]
    expect(await removed(connection, all)).toEqual({
      'a 1': 'removed',
      'b 1': 'removed',
      'a 2': 'refused has-dependents',
      'b 2': 'refused has-dependents',
    })
    expect(rows(database, 'SELECT id FROM a UNION ALL SELECT id FROM b')).toEqual([{ id: 2 }, { id: 2 }])
  })

  test('rows of one table that reference each other in a chain are removed together', async () => {
    const { file } = store(
      'CREATE TABLE t (id INTEGER PRIMARY KEY, up REFERENCES t); INSERT INTO t VALUES (1, NULL), (2, 1), (3, 2)',
    )
    await using connection = await toFile(file, options)
    expect(await removed(connection, [row('t', 1), row('t', 2), row('t', 3)])).toEqual({
      't 1': 'removed',
      't 2': 'removed',
      't 3': 'removed',
    })
  })

  test('a row that no longer matches its proof is refused with DUSTPAN_NOT_OURS', async () => {
    const { file } = store(`CREATE TABLE t (id INTEGER PRIMARY KEY, created_at TEXT);
      INSERT INTO t VALUES (1, '2026-01-01'), (2, '2020-01-01')`)
    await using connection = await toFile(file, options)
    const proof = { match: { created_at: '2026-01-01' } }
    expect(await removed(connection, [row('t', 1, ['id'], proof), row('t', 2, ['id'], proof)])).toEqual({
      't 1': 'removed',
      't 2': 'refused not-ours',
    })
    const outcomes = await connection.remove([row('t', 2, ['id'], proof)], removalContext())
    expect(outcomes.get('t 2')).toMatchObject({ error: { code: 'DUSTPAN_NOT_OURS' } })
  })

  test('rows identified only by rowid are refused after a VACUUM, which may have renumbered them', async () => {
    const sink = installed(client)
    const { file, database } = store('CREATE TABLE t (n); INSERT INTO t VALUES (1), (2), (3)')
    await using connection = await toFile(file, options)
    const [first, second, third] = sink.records.map(targetOf)
    if (!first || !second || !third) throw new Error('not recorded')
    expect(await removed(connection, [first])).toEqual({ [first.id]: 'removed' })
    database.exec('VACUUM')
    expect(await removed(connection, [second, third])).toEqual({
      [second.id]: 'refused not-ours',
      [third.id]: 'refused not-ours',
    })
    expect(rows(database, 'SELECT n FROM t')).toHaveLength(2)
  })

  test('a key shared by several rows is refused', async () => {
    const { file, database } = store('CREATE TABLE t (id INTEGER PRIMARY KEY, n); INSERT INTO t VALUES (1, 5), (2, 5)')
    await using connection = await toFile(file, options)
    expect(await removed(connection, [row('t', 5, ['n'])])).toEqual({ 't 5': 'refused not-ours' })
    expect(rows(database, 'SELECT * FROM t')).toHaveLength(2)
  })

  test('a row whose deletion a trigger aborts or ignores fails, and the others are removed', async () => {
    const { file } = store(`CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2), (3), (4);
      CREATE TRIGGER hold BEFORE DELETE ON t WHEN OLD.id = 2 BEGIN SELECT RAISE(ABORT, 'held'); END;
      CREATE TRIGGER keep BEFORE DELETE ON t WHEN OLD.id = 3 BEGIN SELECT RAISE(IGNORE); END`)
    await using connection = await toFile(file, options)
    expect(
      await removed(
        connection,
        [1, 2, 3, 4].map((id) => row('t', id)),
      ),
    ).toEqual({
      't 1': 'removed',
      't 2': 'failed DUSTPAN_REMOVAL_FAILED',
      't 3': 'failed DUSTPAN_STILL_THERE',
      't 4': 'removed',
    })
  })

  test('a row whose trigger rolls back the whole transaction fails, and the others are removed', async () => {
    const { file, database } = store(`CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2), (3);
      CREATE TRIGGER away BEFORE DELETE ON t WHEN OLD.id = 2 BEGIN SELECT RAISE(ROLLBACK, 'sealed'); END`)
    await using connection = await toFile(file, options)
    expect(
      await removed(
        connection,
        [1, 2, 3].map((id) => row('t', id)),
      ),
    ).toEqual({ 't 1': 'removed', 't 2': 'failed DUSTPAN_REMOVAL_FAILED', 't 3': 'removed' })
    expect(rows(database, 'SELECT id FROM t')).toEqual([{ id: 2 }])
  })

  test('captured rows with keys of every type are removed', async () => {
    const sink = installed(client)
    const { file, database } =
      store(`CREATE TABLE k (id PRIMARY KEY); CREATE TABLE "q""x" ("a b", c, PRIMARY KEY (c, "a b")) WITHOUT ROWID;
      INSERT INTO k VALUES (x'00FF'), (9223372036854775807), (1.5), ('text'), ('7'), (7);
      INSERT INTO "q""x" VALUES ('it''s', 1), (x'01', 9007199254740993), ('é', 2)`)
    await using connection = await toFile(file, options)
    const targets = sink.records.map(targetOf)
    expect(targets).toHaveLength(9)
    expect(new Set(Object.values(await removed(connection, targets)))).toEqual(new Set(['removed']))
    expect(rows(database, 'SELECT 1 FROM k UNION ALL SELECT 1 FROM "q""x"')).toEqual([])
  })

  test('text, integer and blob keys that look alike are distinct', async () => {
    const sink = installed(client)
    const { file, database } = store(
      "CREATE TABLE k (id PRIMARY KEY); INSERT INTO k VALUES ('7'), ('00ff'), ('9223372036854775807')",
    )
    sink.records.length = 0
    database.exec("INSERT INTO k VALUES (7), (x'00FF'), (9223372036854775807)")
    await using connection = await toFile(file, options)
    await removed(connection, sink.records.map(targetOf))
    expect(rows(database, 'SELECT id FROM k ORDER BY id')).toEqual([
      { id: '00ff' },
      { id: '7' },
      { id: '9223372036854775807' },
    ])
  })

  test('soft deletion sets the configured columns, and a marked row counts as already gone', async () => {
    const { file, database } =
      store(`CREATE TABLE users (id INTEGER PRIMARY KEY, is_active INTEGER DEFAULT 1, deleted_at TEXT, at_s INTEGER);
      INSERT INTO users (id) VALUES (1), (2)`)
    const softDelete = { users: { is_active: false, deleted_at: 'now', at_s: 'now' } }
    await using connection = await toFile(file, { ...options, softDelete })
    expect(await removed(connection, [row('users', 1)])).toEqual({ 'users 1': 'removed' })
    expect(
      rows(database, 'SELECT is_active, typeof(deleted_at) AS d, typeof(at_s) AS s FROM users WHERE id = 1'),
    ).toEqual([{ is_active: 0, d: 'text', s: 'integer' }])
    expect(await removed(connection, [row('users', 1), row('users', 2)])).toEqual({
      'users 1': 'already-gone',
      'users 2': 'removed',
    })
    expect([...((await connection.probe?.([row('users', 1)], removalContext())) ?? [])]).toEqual([
      ['users 1', 'absent'],
    ])
  })

  test.each([
    ['soft', 'local', 1],
    ['hard', 'local', 0],
    [{ local: 'hard', staging: 'soft' }, 'local', 0],
    [{ local: 'hard', staging: 'soft' }, 'staging', 1],
  ])('with deletion %j in the environment %s, rows left: %i', async (deletion, environment, left) => {
    const { file, database } = store(
      'CREATE TABLE users (id INTEGER PRIMARY KEY, gone INTEGER DEFAULT 0); INSERT INTO users (id) VALUES (1)',
    )
    const driver = driverOf({ ...options, file, deletion, softDelete: { users: { gone: 1 } } }, '/', environment)
    const spec = driver.removal?.({ table: 'users' }, [1])
    if (spec === undefined) throw new Error('no removal')
    await using connection = await connected(driver, spec.store.id)
    const tracked = { ...row('users', 1), removal: spec.removal }
    expect(await removed(connection, [tracked])).toEqual({ 'users 1': 'removed' })
    expect(rows(database, 'SELECT * FROM users')).toHaveLength(left)
  })

  test('a user-defined statement gets the key as parameters, and a failing one stops no other', async () => {
    const { file, database } = store(
      "CREATE TABLE t (id TEXT, n INTEGER); INSERT INTO t VALUES ('a', 1), ('b', 2), ('c', 3)",
    )
    const driver = driverOf({ ...options, file })
    const spec = driver.removal?.({ sql: 'DELETE FROM t WHERE id = ? AND n = ?', params: ['{id.0}', '{id.1}'] }, [])
    if (spec === undefined) throw new Error('no removal')
    await using connection = await connected(driver, spec.store.id)
    const of = (id: string, key: string[]) => ({ ...target(id, 't', key, {}), removal: spec.removal })
    expect(await removed(connection, [of('1', ['a', '1']), of('2', ['b', '5'])])).toEqual({
      1: 'removed',
      2: 'already-gone',
    })
    const wrong = { ...of('3', ['a']), removal: { ...spec.removal, args: { sql: 'DELETE FROM nowhere', params: [] } } }
    expect(await removed(connection, [wrong, of('4', ['c', '3'])])).toEqual({
      3: 'failed DUSTPAN_REMOVAL_FAILED',
      4: 'removed',
    })
    expect(rows(database, 'SELECT id FROM t')).toEqual([{ id: 'b' }])
  })

  test('captured rows of a dropped table are already gone; an unknown table, column or operation fails', async () => {
    const { file } = store('CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)')
    await using connection = await toFile(file, options)
    expect(
      await removed(connection, [
        row('dropped', 1),
        target('misspelt', 'tt', 1, { table: 'tt' }),
        row('t', 2, ['nope']),
        { ...row('t', 3), removal: { driver: 'main', op: 'truncate', v: 1, args: {} } },
        target('t 1', 't', 1, { table: 'T' }),
      ]),
    ).toEqual({
      'dropped 1': 'already-gone',
      misspelt: 'failed DUSTPAN_REMOVAL_FAILED',
      't 2': 'failed DUSTPAN_REMOVAL_FAILED',
      't 3': 'failed DUSTPAN_REMOVAL_FAILED',
      't 1': 'removed',
    })
  })

  test('rows are pending at once while a captured client of this process has an open transaction', async () => {
    installed(client)
    const { file, database } = store('CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)')
    database.exec('BEGIN; INSERT INTO t VALUES (2)')
    await using connection = await toFile(file, options)
    expect(await removed(connection, [row('t', 1), row('t', 2)], { deadline: Number.MAX_SAFE_INTEGER })).toEqual({
      't 1': 'pending open-transaction',
      't 2': 'pending open-transaction',
    })
    database.exec('COMMIT')
    expect(await removed(connection, [row('t', 1), row('t', 2)])).toEqual({ 't 1': 'removed', 't 2': 'removed' })
  })

  test("rows are pending when another client's transaction is still open at the deadline", async () => {
    const { file, database } = store('CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)')
    database.exec('BEGIN IMMEDIATE')
    await using connection = await toFile(file, options)
    expect(await removed(connection, [row('t', 1)], { deadline: 0 })).toEqual({ 't 1': 'pending open-transaction' })
    database.exec('ROLLBACK')
    expect(await removed(connection, [row('t', 1)])).toEqual({ 't 1': 'removed' })
  })

  test('rows are pending, and not removed, when the signal is aborted', async () => {
    const { file, database } = store('CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)')
    await using connection = await toFile(file, options)
    expect(await removed(connection, [row('t', 1)], { signal: AbortSignal.abort() })).toEqual({
      't 1': 'pending budget',
    })
    expect(rows(database, 'SELECT * FROM t')).toHaveLength(1)
  })

  test('an in-memory database is cleaned through its captured client, without capturing the removals', async () => {
    const sink = installed(client)
    const database = opened(client)
    database.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, n TEXT); INSERT INTO t (n) VALUES ('a'), ('b')")
    const id = sink.records[0]?.store.id ?? ''
    const connection = await connected(driverOf({}), id)
    database.exec('BEGIN')
    expect(Object.values(await removed(connection, sink.records.map(targetOf)))).toEqual([
      'pending open-transaction',
      'pending open-transaction',
    ])
    database.exec('COMMIT')
    expect(Object.values(await removed(connection, sink.records.map(targetOf)))).toEqual(['removed', 'removed'])
    expect(rows(database, 'SELECT * FROM t')).toEqual([])
    expect(sink.records.map(({ state }) => state)).toEqual(['live', 'live'])
    await connection[Symbol.asyncDispose]()
    database.exec("INSERT INTO t (n) VALUES ('c')")
    expect(sink.records).toHaveLength(3)
    database.close()
    await expect(connected(driverOf({}), id)).rejects.toMatchObject({ code: 'DUSTPAN_STORE_GONE' })
  })

  test('thousands of rows are removed in one batch', async () => {
    const sink = installed(client)
    const { file, database } =
      store(`CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (a INTEGER, b INTEGER REFERENCES p, PRIMARY KEY (a, b));
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) INSERT INTO p SELECT i FROM n;
      INSERT INTO c SELECT id, id FROM p`)
    await using connection = await toFile(file, options)
    const of = (type: string) => sink.records.filter((record) => record.type === type).map(targetOf)
    expect(new Set(Object.values(await removed(connection, of('c'))))).toEqual(new Set(['removed']))
    expect(new Set(Object.values(await removed(connection, of('p'))))).toEqual(new Set(['removed']))
    expect(rows(database, 'SELECT count(*) AS n FROM p')).toEqual([{ n: 0 }])
  })
})
