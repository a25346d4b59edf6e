/** The user's own RETURNING may show another value than the stored key. */
import { RemovedSink } from '@dustpan/conformance/capture'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import mysql from 'mysql2/promise'
import { describe, expect, test } from 'vitest'
import { capturing } from './capturing.ts'

const schema = `
  CREATE TABLE bigs (id bigint PRIMARY KEY, v int);
  CREATE TABLE decs (id decimal(30,2) PRIMARY KEY, v int);
  CREATE TABLE moments (id datetime(3) PRIMARY KEY);
  CREATE TABLE codes (id binary(2) PRIMARY KEY);
  CREATE TABLE nums (id int AUTO_INCREMENT PRIMARY KEY, v int, other int);
  CREATE TABLE names (name varchar(20) COLLATE utf8mb4_bin PRIMARY KEY, v int, other varchar(20)) CHARSET utf8mb4;
  INSERT INTO bigs VALUES (9007199254740992, 0), (9007199254740995, 0);
  INSERT INTO nums VALUES (1, 0, 0), (2, 0, 0), (3, 0, 0);
  INSERT INTO names VALUES ('FOO', 0, ''), ('old', 0, 'zz');`

describeOn('mariadb', 'The user’s own RETURNING', (server) => {
  const captured = capturing(server, schema, RemovedSink)

  async function inTest(statements: readonly string[], options: mysql.ConnectionOptions = {}, how = 'query') {
    const db = await mysql.createConnection({ uri: captured.url, ...options })
    await captured.sink.run('test', async () => {
      for (const sql of statements) await (how === 'query' ? db.query(sql) : db.execute(sql))
    })
    await db.end()
    return captured.sink.live()
  }

  const upper: mysql.ConnectionOptions = { typeCast: (field) => field.string()?.toUpperCase() ?? null }

  describe('the key is read as the server sent it', () => {
    test.for<readonly [string, string, readonly string[], mysql.ConnectionOptions?]>([
      ['a large number', 'INSERT INTO bigs VALUES (9007199254740993, 1) RETURNING id', ['bigs 9007199254740993']],
      ['all columns', 'INSERT INTO bigs VALUES (9007199254740994 - 1, 1) RETURNING *', ['bigs 9007199254740993']],
      [
        'decimalNumbers',
        `INSERT INTO decs VALUES (12345678901234567.25, 1) RETURNING id`,
        ['decs 12345678901234567.25'],
        { decimalNumbers: true },
      ],
      ['typeCast', `INSERT INTO names VALUES ('foo', 1, '') RETURNING name`, ['names foo'], upper],
      ['a column alias', 'INSERT INTO nums (v) VALUES (1) RETURNING id AS x', ['nums 4']],
      [
        'nestTables',
        `INSERT INTO names VALUES ('foo', 1, 'o') RETURNING other, name`,
        ['names foo'],
        { nestTables: true },
      ],
    ])('%s', async ([, sql, keys, options]) => {
      expect(await inTest([sql], options)).toEqual(keys)
    })

    test.for<readonly [string, string, readonly string[]]>([
      ['a large number', 'INSERT INTO bigs VALUES (9007199254740993, 1) RETURNING v, id', ['bigs 9007199254740993']],
      ['a negative number', 'INSERT INTO bigs VALUES (-7 + 1, NULL) RETURNING v, id', ['bigs -6']],
      ['a decimal', 'INSERT INTO decs VALUES (1 / 4, 1) RETURNING v, id', ['decs 0.25']],
      ['bytes', `INSERT INTO codes VALUES (CONCAT('a', 'b')) RETURNING id`, ['codes 0x6162']],
      ['a text', `INSERT INTO names VALUES (LOWER('ŻÓ'), 1, 'x') RETURNING v, other, name`, ['names żó']],
    ])('prepared: %s', async ([, sql, keys]) => {
      expect(await inTest([sql], {}, 'execute')).toEqual(keys)
      expect(captured.sink.warnings).toEqual([])
    })
  })

  describe('DUSTPAN_SQL_UNATTRIBUTED: the key is not in the RETURNING', () => {
    test.for<readonly [string, string]>([
      ['another column under the key’s name', 'INSERT INTO nums (v, other) VALUES (1, 2) RETURNING other AS id'],
      ['an expression under the key’s name', 'INSERT INTO nums (v) VALUES (1) RETURNING id - 3 AS id'],
      [
        'a subquery under the key’s name',
        'INSERT INTO nums (v) VALUES (1) RETURNING (SELECT MIN(bigs.id) FROM bigs) AS id',
      ],
    ])('%s', async ([, sql]) => {
      expect(await inTest([sql])).toEqual([])
      expect(captured.sink.warnings).toMatchObject([{ code: 'DUSTPAN_SQL_UNATTRIBUTED' }])
    })

    test('a literal key is tracked although RETURNING changes it, a computed key is not', async () => {
      expect(await inTest([`INSERT INTO names VALUES ('foo', 1, '') RETURNING UPPER(name) AS name`])).toEqual([
        'names foo',
      ])
      expect(await inTest([`INSERT INTO names VALUES (LOWER('BAR'), 1, '') RETURNING UPPER(name) AS name`])).toEqual([
        'names foo',
      ])
    })
  })

  describe('DELETE … RETURNING', () => {
    test.for<readonly [string, ...string[]]>([
      [
        'a large number',
        'DELETE FROM bigs WHERE id = 9007199254740995 RETURNING *',
        'INSERT INTO bigs VALUES (9007199254740995, 0)',
      ],
      [
        'another column under the key’s name',
        `DELETE FROM names WHERE name = 'old' RETURNING other AS name`,
        `INSERT INTO names VALUES ('old', 0, 'zz')`,
      ],
    ])('an existing row deleted with RETURNING and inserted again is not tracked: %s', async ([, ...statements]) => {
      expect(await inTest(statements)).toEqual([])
    })

    test('the record of a row is kept when RETURNING shows its key from another row’s column', async () => {
      const mine = `INSERT INTO names VALUES ('mine', 1, ''), ('mine2', 1, 'mine')`
      expect(await inTest([mine, `DELETE FROM names WHERE name = 'mine2' RETURNING other AS name`])).toEqual([
        'names mine',
      ])
    })
  })
})
