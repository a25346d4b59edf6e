import { once } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import pg from 'pg'
import { beforeEach, describe, expect, test } from 'vitest'
import { connect, ctx, keysIn, remove, storeOf, targets } from './fixture.ts'

const schema = `
  CREATE TABLE users (id int PRIMARY KEY, name text, is_active boolean DEFAULT true, deleted_at timestamptz, created_at timestamptz DEFAULT now());
  CREATE TABLE orders (id int PRIMARY KEY, user_id int NOT NULL REFERENCES users ON DELETE CASCADE, created_at timestamptz DEFAULT now());
  CREATE TABLE profiles (id int PRIMARY KEY, user_id int REFERENCES users ON DELETE SET NULL);
  CREATE TABLE invoices (id int PRIMARY KEY, user_id int REFERENCES users);
  CREATE TABLE categories (id int PRIMARY KEY, parent int REFERENCES categories ON DELETE CASCADE);
  CREATE TABLE a (id int PRIMARY KEY, b int);
  CREATE TABLE b (id int PRIMARY KEY, a int NOT NULL REFERENCES a ON DELETE RESTRICT);
  ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b ON DELETE RESTRICT;
  CREATE TABLE parts (a int, b text, PRIMARY KEY (a, b));
  CREATE TABLE split (id int, region text, PRIMARY KEY (id, region)) PARTITION BY LIST (region);
  CREATE TABLE split_eu PARTITION OF split FOR VALUES IN ('eu');
  CREATE TABLE "we""ird; DROP TABLE users" ("i""d" text PRIMARY KEY);
  CREATE TABLE guarded (id int PRIMARY KEY);
  CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF OLD.id = 3 THEN RAISE EXCEPTION ''never the third''; END IF; IF OLD.id = 4 THEN RETURN NULL; END IF; RETURN OLD; END';
  CREATE TRIGGER refuse BEFORE DELETE ON guarded FOR EACH ROW EXECUTE FUNCTION refuse();
  INSERT INTO users (id, name) SELECT i, 'u' || i FROM generate_series(1, 9) i;
`

const server = await testServer()
let url: string
beforeEach(async () => {
  url = await server.database(schema)
})

describe('remove()', () => {
  test('removes the recorded rows and no others', async () => {
    await using connection = await connect(url)
    expect(await remove(connection, await targets(url, 'users', [1, 2, 3]))).toEqual(['removed', 'removed', 'removed'])
    expect(await keysIn(url, 'users')).toEqual([4, 5, 6, 7, 8, 9])
  })

  test('reports rows that are already gone', async () => {
    await using connection = await connect(url)
    expect(await remove(connection, await targets(url, 'users', [1, 77, 2]))).toEqual([
      'removed',
      'already-gone',
      'removed',
    ])
  })

  test('removes rows with composite keys, of partitions and of tables with quoted names', async () => {
    await once(
      url,
      `INSERT INTO parts VALUES (1, 'x'), (1, 'y'), (2, 'x'); INSERT INTO split VALUES (1, 'eu'); INSERT INTO "we""ird; DROP TABLE users" VALUES ('k''); --')`,
    )
    await using connection = await connect(url)
    const node = (await once(url, `SELECT pg_relation_filenode('split_eu') AS node`)).rows[0].node
    const wanted = [
      ...(await targets(url, 'parts', [
        [1, 'x'],
        [2, 'x'],
        [3, 'z'],
      ])),
      ...(await targets(url, 'split', [[1, 'eu']], { proof: { incarnation: node, strength: 'incarnation' } })),
      ...(await targets(url, 'we"ird; DROP TABLE users', ["k'); --"])),
    ]
    expect(await remove(connection, wanted)).toEqual(['removed', 'removed', 'already-gone', 'removed', 'removed'])
    expect(await keysIn(url, 'parts', 'b')).toEqual(['y'])
    expect(await keysIn(url, 'split')).toEqual([])
  })

  test('removes rows by a column other than the primary key, in a table found by the search path', async () => {
    await using connection = await connect(url)
    const removal = {
      driver: 'main',
      op: 'delete-row',
      v: 1,
      args: { schema: null, table: 'users', columns: ['name'] },
    }
    expect(
      await remove(
        connection,
        await targets(url, 'users', ['u1', 'nobody'], { removal, proof: { strength: 'key-only' } }),
      ),
    ).toEqual(['removed', 'already-gone'])
  })

  test('reports rows of a dropped table as already gone', async () => {
    await using connection = await connect(url)
    const wanted = await targets(url, 'parts', [[1, 'x']])
    await once(url, 'DROP TABLE parts')
    expect(await remove(connection, wanted)).toEqual(['already-gone'])
  })

  test('refuses a row whose key was used again after TRUNCATE', async () => {
    await using connection = await connect(url)
    const wanted = await targets(url, 'users', [1, 2])
    await once(url, `TRUNCATE users CASCADE; INSERT INTO users VALUES (1, 'somebody else')`)
    expect(await remove(connection, wanted)).toEqual([
      expect.objectContaining({ why: 'not-ours', code: 'DUSTPAN_NOT_OURS' }),
      'already-gone',
    ])
    expect(await keysIn(url, 'users')).toEqual([1])
  })

  test('refuses a row whose columns no longer match', async () => {
    await using connection = await connect(url)
    const wanted = await targets(url, 'users', [1, 2], {
      proof: { match: { name: 'u1', is_active: true, deleted_at: null }, strength: 'exact' },
    })
    expect(await remove(connection, wanted)).toEqual(['removed', expect.objectContaining({ why: 'not-ours' })])
  })

  test.each(['orders', 'profiles', 'invoices'])(
    'refuses a row that a row of somebody else in %s refers to, and names that row',
    async (child) => {
      await once(url, `INSERT INTO ${child} (id, user_id) VALUES (70, 2)`)
      await using connection = await connect(url)
      const outcomes = await remove(connection, await targets(url, 'users', [1, 2, 3]))
      expect(outcomes).toEqual([
        'removed',
        {
          why: 'has-dependents',
          code: 'DUSTPAN_HAS_DEPENDENTS',
          detail: { dependents: [{ type: child, key: 70 }], more: 0 },
        },
        'removed',
      ])
      expect(await keysIn(url, child)).toEqual([70])
      expect((await once(url, `SELECT user_id FROM ${child}`)).rows).toEqual([{ user_id: 2 }])
    },
  )

  test('does not cascade to a row that somebody else inserts during the removal', async () => {
    await using connection = await connect(url)
    const stranger = new pg.Client(url)
    await stranger.connect()
    await stranger.query('BEGIN')
    await stranger.query('INSERT INTO orders VALUES (70, 2)')
    const removing = remove(connection, await targets(url, 'users', [1, 2]))
    await waitForLock(url)
    await stranger.query('COMMIT')
    expect(await removing).toEqual(['removed', expect.objectContaining({ why: 'has-dependents' })])
    expect(await keysIn(url, 'orders')).toEqual([70])
    await stranger.end()
  })

  test('respects a foreign key that was added after the first removal', async () => {
    await using connection = await connect(url)
    expect(await remove(connection, await targets(url, 'users', [1]))).toEqual(['removed'])
    await once(
      url,
      'CREATE TABLE likes (id int PRIMARY KEY, user_id int REFERENCES users ON DELETE CASCADE); INSERT INTO likes VALUES (1, 2)',
    )
    expect(await remove(connection, await targets(url, 'users', [2]))).toEqual([
      expect.objectContaining({ why: 'has-dependents' }),
    ])
    expect(await keysIn(url, 'likes')).toEqual([1])
  })

  test('leaves a row that an open transaction has locked pending, and removes the others', async () => {
    const holder = new pg.Client(url)
    await holder.connect()
    await holder.query('BEGIN')
    await holder.query('SELECT FROM users WHERE id = 2 FOR UPDATE')
    await using connection = await connect(url)
    expect(await remove(connection, await targets(url, 'users', [1, 2, 3, 77]))).toEqual([
      'removed',
      'open-transaction',
      'removed',
      'already-gone',
    ])
    await holder.end()
  })

  test('removes the other rows if a trigger prevents the removal of one', async () => {
    await once(url, 'INSERT INTO guarded SELECT generate_series(1, 6)')
    await using connection = await connect(url)
    expect(await remove(connection, await targets(url, 'guarded', [1, 2, 3, 4, 5, 6]))).toEqual([
      'removed',
      'removed',
      {
        code: 'DUSTPAN_REMOVAL_FAILED',
        message: 'DELETE FROM guarded: never the third (SQLSTATE P0001)',
        retry: false,
      },
      expect.objectContaining({ code: 'DUSTPAN_STILL_THERE' }),
      'removed',
      'removed',
    ])
  })

  test('fails only for the key that has the wrong type', async () => {
    await using connection = await connect(url)
    const [one, bad] = await remove(connection, await targets(url, 'users', [1, 'seven']))
    expect([one, bad]).toEqual(['removed', expect.objectContaining({ code: 'DUSTPAN_REMOVAL_FAILED', retry: false })])
  })

  test('removes a tree of rows of one table', async () => {
    await once(url, 'INSERT INTO categories VALUES (1, NULL), (2, 1), (3, 2), (4, 4)')
    await using connection = await connect(url)
    expect(await remove(connection, await targets(url, 'categories', [1, 2, 3, 4]))).toEqual(Array(4).fill('removed'))
  })

  test('refuses rows of a tree that a row of somebody else refers to, up to the root', async () => {
    await once(url, 'INSERT INTO categories VALUES (1, NULL), (2, 1), (3, 2), (4, 1), (70, 2)')
    await using connection = await connect(url)
    const refused = expect.objectContaining({ why: 'has-dependents' })
    expect(await remove(connection, await targets(url, 'categories', [1, 2, 3, 4]))).toEqual([
      refused,
      refused,
      'removed',
      'removed',
    ])
    expect(await keysIn(url, 'categories')).toEqual([1, 2, 70])
  })

  test('removes rows of two tables that refer to each other, and refuses one with another dependent', async () => {
    await once(
      url,
      'INSERT INTO a VALUES (1, NULL), (2, NULL); INSERT INTO b VALUES (1, 1), (2, 2); UPDATE a SET b = id',
    )
    await using connection = await connect(url)
    const wanted = [...(await targets(url, 'a', [1])), ...(await targets(url, 'b', [1, 2]))]
    const refused = expect.objectContaining({ why: 'has-dependents' })
    expect(await remove(connection, wanted)).toEqual(['removed', 'removed', refused])
    expect([await keysIn(url, 'a'), await keysIn(url, 'b')]).toEqual([[2], [2]])
  })

  test('removes children before parents when it is given both', async () => {
    await once(url, 'INSERT INTO orders VALUES (1, 1), (2, 1)')
    await using connection = await connect(url)
    expect(
      await remove(connection, [...(await targets(url, 'users', [1])), ...(await targets(url, 'orders', [1, 2]))]),
    ).toEqual(['removed', 'removed', 'removed'])
  })

  test('marks rows of tables with softDelete instead of deleting them', async () => {
    await once(url, 'INSERT INTO orders VALUES (1, 1)')
    await using connection = await connect(url, { softDelete: { users: { is_active: false, deleted_at: 'now' } } })
    const wanted = await targets(url, 'users', [1, 77])
    expect(await remove(connection, wanted)).toEqual(['removed', 'already-gone'])
    expect((await once(url, 'SELECT is_active, deleted_at <= now() AS marked FROM users WHERE id = 1')).rows).toEqual([
      { is_active: false, marked: true },
    ])
    expect([...((await connection.probe?.(wanted, ctx)) ?? new Map()).values()]).toEqual(['absent', 'absent'])
  })

  test('fails with DUSTPAN_CONFIG_INVALID if rows may only be marked and softDelete does not say how', async () => {
    await using connection = await connect(url, { deletion: { test: 'soft' } })
    expect(await remove(connection, await targets(url, 'users', [1]))).toEqual([
      expect.objectContaining({ code: 'DUSTPAN_CONFIG_INVALID' }),
    ])
    expect(await keysIn(url, 'users')).toHaveLength(9)
  })

  test('runs a custom statement with the key in its parameters', async () => {
    await using connection = await connect(url)
    const removal = {
      driver: 'main',
      op: 'sql',
      v: 1,
      args: { sql: 'UPDATE users SET deleted_at = now(), name = $2 WHERE id = $1', params: ['{id}', 'was {id}'] },
    }
    expect(await remove(connection, await targets(url, 'users', [1, 77], { removal }))).toEqual([
      'removed',
      'already-gone',
    ])
    expect((await once(url, 'SELECT name FROM users WHERE id = 1')).rows).toEqual([{ name: 'was 1' }])
  })

  test('sets dustpan.off, so that a trigger can skip removals', async () => {
    await once(
      url,
      `CREATE TABLE audit (what text);
       CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO audit VALUES (TG_OP); RETURN NULL; END';
       CREATE TRIGGER tell AFTER DELETE ON users FOR EACH ROW WHEN (current_setting('dustpan.off', true) IS DISTINCT FROM 'on') EXECUTE FUNCTION tell()`,
    )
    await using connection = await connect(url)
    expect(await remove(connection, await targets(url, 'users', [1]))).toEqual(['removed'])
    expect(await keysIn(url, 'audit', 'what')).toEqual([])
    await once(url, 'DELETE FROM users WHERE id = 2')
    expect(await keysIn(url, 'audit', 'what')).toEqual(['DELETE'])
  })

  test("reports a row that is back after its removal with verify: 'read-back'", async () => {
    await using connection = await connect(url)
    const removal = { driver: 'main', op: 'delete-row', v: 1, args: { schema: 'public', table: 'users' } }
    await once(
      url,
      `CREATE FUNCTION revive() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO users (id, name) VALUES (OLD.id, ''again''); RETURN NULL; END';
      CREATE TRIGGER revive AFTER DELETE ON users FOR EACH ROW WHEN (OLD.id = 1) EXECUTE FUNCTION revive()`,
    )
    const wanted = await targets(url, 'users', [1, 2], { removal })
    expect(await remove(connection, wanted, { ...ctx, verify: 'read-back' })).toEqual([
      expect.objectContaining({ code: 'DUSTPAN_STILL_THERE' }),
      'removed',
    ])
  })

  test('reconnects after its connection was lost', async () => {
    await using connection = await connect(url)
    await remove(connection, await targets(url, 'users', [1]))
    await once(
      url,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'dustpan' AND datname = current_database()`,
    )
    const first = await remove(connection, await targets(url, 'users', [2]))
    if (first[0] !== 'removed') expect(first).toEqual([expect.objectContaining({ retry: {} })])
    expect(await remove(connection, await targets(url, 'users', [3]))).toEqual(['removed'])
  })
})

describe('connect()', () => {
  test('refuses another database of the same name', async () => {
    const store = (await storeOf(url)).replace(/\.\d+$/, '.1')
    await expect(connect(url, {}, store)).rejects.toMatchObject({ code: 'DUSTPAN_WRONG_STORE' })
  })

  test('reaches another database of the same server', async () => {
    const other = await server.database(schema)
    await using connection = await connect(url, {}, await storeOf(other))
    await remove(connection, await targets(other, 'users', [1]))
    expect([(await keysIn(url, 'users')).length, (await keysIn(other, 'users')).length]).toEqual([9, 8])
  })

  test('rejects with DUSTPAN_STORE_UNREACHABLE if nothing answers, without showing the password', async () => {
    const store = 'postgres://localhost:1/shop#1.2'
    const failing = connect('postgres://u:hidden@localhost:1/shop', {}, store)
    await expect(failing).rejects.toMatchObject({
      code: 'DUSTPAN_STORE_UNREACHABLE',
      message: expect.stringContaining('ECONNREFUSED'),
    })
    await expect(failing).rejects.not.toMatchObject({ message: expect.stringContaining('hidden') })
  })

  test('does not follow a record to another server', async () => {
    await expect(connect(url, {}, 'postgres://db.internal:5432/shop#1.2')).rejects.toMatchObject({
      code: 'DUSTPAN_WRONG_STORE',
    })
  })
})

async function waitForLock(database: string): Promise<void> {
  for (;;) {
    const { rows } = await once(
      database,
      `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = 'dustpan' AND datname = current_database()`,
    )
    if (rows.length > 0) return
  }
}
