import type { Server } from '@dustpan/conformance/servers'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import mysql from 'mysql2/promise'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { keysIn, once } from '../server.ts'
import { connect, ctx, remove, targets } from './harness.ts'

const schema = `
  CREATE TABLE users (id int AUTO_INCREMENT PRIMARY KEY, email varchar(50) UNIQUE, is_active boolean DEFAULT TRUE, deleted_at datetime,
    created_at timestamp(6) DEFAULT CURRENT_TIMESTAMP(6));
  CREATE TABLE orders (id int AUTO_INCREMENT PRIMARY KEY, user int, created_at timestamp(6) DEFAULT CURRENT_TIMESTAMP(6),
    FOREIGN KEY (user) REFERENCES users (id) ON DELETE CASCADE);
  CREATE TABLE notes (id int PRIMARY KEY, user int, FOREIGN KEY (user) REFERENCES users (id) ON DELETE SET NULL);
  CREATE TABLE lines_of (id int PRIMARY KEY, \`order\` int, FOREIGN KEY (\`order\`) REFERENCES orders (id));
  CREATE TABLE tree (id int PRIMARY KEY, parent int, FOREIGN KEY (parent) REFERENCES tree (id));
  CREATE TABLE hens (id int PRIMARY KEY, egg int);
  CREATE TABLE eggs (id int PRIMARY KEY, hen int, FOREIGN KEY (hen) REFERENCES hens (id));
  ALTER TABLE hens ADD FOREIGN KEY (egg) REFERENCES eggs (id);
  CREATE TABLE old (id int PRIMARY KEY) ENGINE=MyISAM;`

const rows = `SET foreign_key_checks = 0; TRUNCATE users; TRUNCATE orders; TRUNCATE notes; TRUNCATE lines_of; TRUNCATE tree; TRUNCATE hens; TRUNCATE eggs; TRUNCATE old;
  INSERT INTO users (id, email) VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd');
  INSERT INTO tree VALUES (1, NULL), (2, 1), (3, 2), (4, 1), (5, 5);
  INSERT INTO hens VALUES (1, 1), (2, 2), (3, 3); INSERT INTO eggs VALUES (1, 1), (2, 2), (3, 3);
  INSERT INTO old VALUES (1), (2), (3);`

describeOn('mariadb', 'Removal', (server: Server) => {
  let url: string
  beforeAll(async () => {
    url = await server.database(schema)
  })
  beforeEach(() => once(url, rows))

  test('recorded rows are removed, and others are kept', async () => {
    await using connection = await connect(url)
    expect(await remove(connection, await targets(url, 'users', [1, 3]))).toEqual(['1 row', '1 row'])
    expect(await keysIn(url, 'users')).toEqual([2, 4])
  })

  test('a missing row or table is reported as 0 rows, and the others are removed', async () => {
    await using connection = await connect(url)
    expect(await remove(connection, await targets(url, 'users', [1, 99]))).toEqual(['1 row', '0 rows'])
    expect(await remove(connection, await targets(url, 'missing', [1]))).toEqual(['0 rows'])
  })

  test('DUSTPAN_NOT_OURS: a row of a table that was truncated since is not removed', async () => {
    const before = await targets(url, 'users', [1])
    await once(url, `SET foreign_key_checks = 0; TRUNCATE users; INSERT INTO users (email) VALUES ('seed')`)
    await using connection = await connect(url)
    expect(await remove(connection, before)).toEqual(['DUSTPAN_NOT_OURS'])
    expect(await keysIn(url, 'users')).toEqual([1])
  })

  test('without PROCESS a row is proven by the creation time of its table', async () => {
    const name = new URL(url).pathname.slice(1)
    await once(
      url,
      `CREATE OR REPLACE USER plain IDENTIFIED BY 'x'; GRANT ALL ON ${name}.* TO plain; GRANT SELECT ON *.* TO plain`,
    )
    const [row] = await once(
      url,
      `SELECT UNIX_TIMESTAMP(create_time) AS at FROM information_schema.tables WHERE table_schema = '${name}' AND table_name = 'users'`,
    )
    const as = url.replace('root@', 'plain:x@')
    await using connection = await connect(as)
    const proof = (created: number) => ({ proof: { incarnation: { created }, strength: 'incarnation' } }) as const
    expect(await remove(connection, await targets(url, 'users', [1], proof(Number(row?.at) - 1)))).toEqual([
      'DUSTPAN_NOT_OURS',
    ])
    expect(await remove(connection, await targets(url, 'users', [1], proof(Number(row?.at))))).toEqual(['1 row'])
  })

  describe('Rows that refer to others', () => {
    test('children are removed before their parents, whatever the order of the targets', async () => {
      await once(url, 'INSERT INTO orders (id, user) VALUES (1, 1); INSERT INTO lines_of VALUES (1, 1)')
      await using connection = await connect(url)
      const all = [
        ...(await targets(url, 'users', [1])),
        ...(await targets(url, 'orders', [1])),
        ...(await targets(url, 'lines_of', [1])),
      ]
      expect(await remove(connection, all)).toEqual(['1 row', '1 row', '1 row'])
    })

    test.for(['orders', 'notes'])(
      'DUSTPAN_HAS_DEPENDENTS: a row in %s that was not recorded keeps its parent only',
      async (table) => {
        await once(url, `INSERT INTO ${table} (id, user) VALUES (7, 1)`)
        await using connection = await connect(url)
        expect(await remove(connection, await targets(url, 'users', [1, 2]))).toEqual([
          'DUSTPAN_HAS_DEPENDENTS',
          '1 row',
        ])
        expect(await keysIn(url, table, 'user')).toEqual([1])
        expect(await keysIn(url, 'users')).toEqual([1, 3, 4])
      },
    )

    test('a row that a table of another database refers to is kept, whether the user sees it or not', async () => {
      const name = new URL(url).pathname.slice(1)
      const other = await server.database(
        `CREATE TABLE far (id int PRIMARY KEY, user int, FOREIGN KEY (user) REFERENCES ${name}.users (id) ON DELETE CASCADE); INSERT INTO far VALUES (1, 1)`,
      )
      await using _ = { [Symbol.asyncDispose]: async () => void (await once(other, 'DROP TABLE far')) }
      await once(
        url,
        `CREATE OR REPLACE USER near IDENTIFIED BY 'x'; GRANT ALL ON ${name}.* TO near; GRANT PROCESS ON *.* TO near`,
      )
      await using connection = await connect(url)
      expect(await remove(connection, await targets(url, 'users', [1]))).toEqual(['DUSTPAN_HAS_DEPENDENTS'])
      await using blind = await connect(url.replace('root@', 'near:x@'))
      expect(await remove(blind, await targets(url, 'users', [1]))).toEqual(['DUSTPAN_REMOVAL_FAILED'])
      expect(await keysIn(other, 'far')).toEqual([1])
    })

    test.for(['', 'ON DELETE CASCADE'])(
      'a foreign key created after the schema was read keeps its parent row: %s',
      async (rule) => {
        await using connection = await connect(url)
        await remove(connection, await targets(url, 'users', [4]))
        const late = `CREATE TABLE late (id int PRIMARY KEY, user int, FOREIGN KEY (user) REFERENCES users (id) ${rule})`
        await once(url, `${late}; INSERT INTO late VALUES (1, 1)`)
        await using _ = { [Symbol.asyncDispose]: async () => void (await once(url, 'DROP TABLE late')) }
        expect(await remove(connection, await targets(url, 'users', [1, 2]))).toEqual([
          'DUSTPAN_HAS_DEPENDENTS',
          '1 row',
        ])
        expect(await keysIn(url, 'late')).toEqual([1])
      },
    )

    test('rows that refer to their own table are removed unless a remaining row depends on them', async () => {
      await using connection = await connect(url)
      expect(await remove(connection, await targets(url, 'tree', [1, 2, 4, 5]))).toEqual([
        'DUSTPAN_HAS_DEPENDENTS',
        'DUSTPAN_HAS_DEPENDENTS',
        '1 row',
        '1 row',
      ])
      expect(await remove(connection, await targets(url, 'tree', [1, 2, 3]))).toEqual(['1 row', '1 row', '1 row'])
    })

    test('rows of two tables that refer to each other are removed unless a remaining row depends on them', async () => {
      await using connection = await connect(url)
      const all = [...(await targets(url, 'hens', [1, 2])), ...(await targets(url, 'eggs', [1, 3]))]
      expect(await remove(connection, all)).toEqual([
        '1 row',
        'DUSTPAN_HAS_DEPENDENTS',
        '1 row',
        'DUSTPAN_HAS_DEPENDENTS',
      ])
      await expect(once(url, 'INSERT INTO eggs VALUES (9, 99)')).rejects.toThrow(/foreign key/)
    })

    test('dependents are listed with their rule, and proven by their creation times', async () => {
      await once(
        url,
        `INSERT INTO orders (id, user) VALUES (1, 1); INSERT INTO orders (id, user, created_at) VALUES (2, 1, '2020-01-01')`,
      )
      await using connection = await connect(url)
      const relations = await connection.relate?.(
        await targets(url, 'users', [1], { createdAt: Date.now() - 10_000 }),
        { ...ctx, dependents: true },
      )
      expect(relations?.dependents).toMatchObject([
        {
          type: 'orders',
          key: 1,
          rule: 'cascade',
          provenance: 'after-parent',
          removal: { args: { table: 'orders', columns: ['id'] } },
        },
        { type: 'orders', key: 2, rule: 'cascade', provenance: 'unproven' },
      ])
    })
  })

  test('a row that another transaction has locked is pending, and the others are removed', async () => {
    const other = await mysql.createConnection(url)
    await using _ = { [Symbol.asyncDispose]: () => other.end() }
    await other.query('START TRANSACTION')
    await other.query('SELECT * FROM users WHERE id = 2 FOR UPDATE')
    await using connection = await connect(url)
    expect(await remove(connection, await targets(url, 'users', [1, 2]))).toEqual(['1 row', 'open-transaction'])
  })

  test('rows of a table without transactions are removed', async () => {
    await using connection = await connect(url)
    expect(await remove(connection, await targets(url, 'old', [1, 9, 3]))).toEqual(['1 row', '0 rows', '1 row'])
    expect(await keysIn(url, 'old')).toEqual([2])
  })

  test('a row is removed by another column, and DUSTPAN_NOT_OURS if several match', async () => {
    await once(url, `UPDATE users SET is_active = 2 WHERE id = 1`)
    await using connection = await connect(url)
    const by = (column: string) => ({
      removal: { driver: 'main', op: 'delete-row', v: 1, args: { table: 'users', columns: [column] } },
      proof: { strength: 'key-only' as const },
    })
    expect(await remove(connection, await targets(url, 'users', ['b'], by('email')))).toEqual(['1 row'])
    expect(await remove(connection, await targets(url, 'users', [1, 2], by('is_active')))).toEqual([
      'DUSTPAN_NOT_OURS',
      '1 row',
    ])
  })

  test('the user’s own statement is run with the key in its parameters', async () => {
    await using connection = await connect(url)
    const removal = {
      driver: 'main',
      op: 'sql',
      v: 1,
      args: { sql: `UPDATE users SET deleted_at = NOW(), email = '?' WHERE id = ? -- why?`, params: ['{id}'] },
    }
    expect(await remove(connection, await targets(url, 'users', [1, 99], { removal }))).toEqual(['1 row', '0 rows'])
    expect(await once(url, 'SELECT email FROM users WHERE id = 1')).toEqual([{ email: '?' }])
  })

  test('a soft delete sets several columns at once, and reports 0 rows the second time', async () => {
    const softDelete = { users: { is_active: false, deleted_at: 'now', email: 'deleted-{id}' } }
    await using connection = await connect(url, { softDelete, deletion: 'soft' })
    expect(await remove(connection, await targets(url, 'users', [1, 2]))).toEqual(['marked', 'marked'])
    expect(await once(url, 'SELECT is_active, email, deleted_at IS NULL AS n FROM users WHERE id = 1')).toEqual([
      { is_active: 0, email: 'deleted-1', n: 0 },
    ])
    const marked = await targets(url, 'users', [1])
    expect(await connection.backup?.(marked, ctx)).toEqual(new Map())
    expect(await remove(connection, marked)).toEqual(['0 rows'])
  })

  test('a soft delete of a table named without a database holds in every database', async () => {
    const name = new URL(url).pathname.slice(1)
    const main = new URL(url)
    main.pathname = '/mysql'
    await using connection = await connect(main.href, { softDelete: { users: { is_active: false } } })
    expect(await remove(connection, await targets(url, 'users', [1]))).toEqual(['marked'])
    await using named = await connect(main.href, {
      softDelete: { users: { email: 'x' }, [`${name}.users`]: { is_active: false } },
    })
    expect(await remove(named, await targets(url, 'users', [2]))).toEqual(['marked'])
    expect(await once(url, `SELECT email FROM users WHERE email = 'x'`)).toEqual([])
  })

  test('DUSTPAN_ROLLED_BACK: an atomic removal removes all rows or none', async () => {
    await once(url, 'INSERT INTO orders (id, user) VALUES (1, 1)')
    await using connection = await connect(url)
    const outcomes = await remove(connection, await targets(url, 'users', [1, 2]), { ...ctx, atomic: true })
    expect(outcomes).toEqual(['DUSTPAN_HAS_DEPENDENTS', 'DUSTPAN_ROLLED_BACK'])
    expect(await keysIn(url, 'users')).toEqual([1, 2, 3, 4])
    expect(await remove(connection, await targets(url, 'users', [2, 3]), { ...ctx, atomic: true })).toEqual([
      '1 row',
      '1 row',
    ])
  })

  test('probe() tells present rows from absent ones, and a removal can be read back', async () => {
    await using connection = await connect(url)
    const wanted = await targets(url, 'users', [1, 99])
    expect([...((await connection.probe?.(wanted, ctx)) ?? [])].map(([, state]) => state)).toEqual([
      'present',
      'absent',
    ])
    expect(await remove(connection, wanted, { ...ctx, verify: 'read-back' })).toEqual(['1 row', '0 rows'])
  })

  test('DUSTPAN_WRONG_STORE: another server; DUSTPAN_STORE_UNREACHABLE: a login that is refused', async () => {
    const id = `mysql://localhost:${server.port}/${new URL(url).pathname.slice(1)}#another@1`
    await expect(connect(url, {}, id)).rejects.toMatchObject({
      code: 'DUSTPAN_WRONG_STORE',
      message: expect.stringMatching(/^The rows were created in [^#]+, but .+ another server, .+ at the same address$/),
    })
    await expect(connect(url, {}, 'mysql://elsewhere:3306/shop#another@1')).rejects.toMatchObject({
      code: 'DUSTPAN_WRONG_STORE',
      message: expect.stringMatching(/mysql:\/\/elsewhere:3306\/shop, but .+ leads to mysql:\/\/localhost:\d+/),
    })
    await expect(connect(url.replace('root@', 'nobody:secret@'))).rejects.toMatchObject({
      code: 'DUSTPAN_STORE_UNREACHABLE',
      message: expect.not.stringContaining('secret'),
    })
  })
})
