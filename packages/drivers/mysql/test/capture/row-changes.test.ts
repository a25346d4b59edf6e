/** Existing rows that are deleted and inserted again, and rows of the test whose key changes. */

import { RemovedSink, targetOf } from '@dustpan/conformance/capture'
import { removalContext } from '@dustpan/conformance/drivers/driver'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import mysql from 'mysql2/promise'
import { describe, expect, test } from 'vitest'
import { connect } from '../removal/harness.ts'
import { once } from '../server.ts'
import { capturing } from './capturing.ts'

const schema = `
  CREATE TABLE settings (k varchar(20) PRIMARY KEY, v varchar(20)) CHARSET utf8mb4;
  CREATE TABLE codes (code char(5) PRIMARY KEY, v varchar(9)) CHARSET utf8mb4;
  CREATE TABLE pairs (a int, b int, v varchar(9), PRIMARY KEY (a, b));
  CREATE TABLE people (id int AUTO_INCREMENT PRIMARY KEY, email varchar(50));
  INSERT INTO settings VALUES ('theme', 'old'), ('lang', 'old'), ('bob@x', 'old');
  INSERT INTO codes VALUES ('007', 'old');
  INSERT INTO pairs VALUES (1, 1, 'old'), (1, 2, 'old'), (2, 1, 'old');
  INSERT INTO people VALUES (1, 'a'), (2, 'b'), (3, 'c');`

for (const kind of ['mariadb', 'mysql'] as const)
  describeOn(kind, 'Rows inserted again', (server) => {
    const captured = capturing(server, schema, RemovedSink)

    const inTest = (statements: readonly (string | readonly [string, readonly unknown[]])[]) =>
      captured.sink.run('test', async () => {
        for (const statement of statements)
          if (typeof statement === 'string') await captured.db.query(statement)
          else await captured.db.execute(statement[0], [...statement[1]] as never)
      })

    const theme = `INSERT INTO settings VALUES ('theme', 'old')`
    const pair = 'INSERT INTO pairs VALUES (1, 2, 0)'

    describe('existing rows are not tracked, however they were deleted', () => {
      test.for<readonly [string, ...(string | readonly [string, readonly unknown[]])[]]>([
        ['by keys of which one does not exist', `DELETE FROM settings WHERE k IN ('theme', 'nope')`, theme],
        [
          'by numbers of which one does not exist',
          'DELETE FROM people WHERE id IN (2, 99)',
          `INSERT INTO people VALUES (2, 'b')`,
        ],
        [
          'by a key in another case',
          `DELETE FROM settings WHERE k = 'BOB@X'`,
          `INSERT INTO settings VALUES ('bob@x', 'old')`,
        ],
        [
          'by key, and inserted again in another case',
          `DELETE FROM settings WHERE k = 'bob@x'`,
          `INSERT INTO settings VALUES ('Bob@X ', 'old')`,
        ],
        [
          'by a number compared with a text key',
          'DELETE FROM codes WHERE code = 7',
          `INSERT INTO codes VALUES ('007', 'old')`,
        ],
        ['by a condition in parentheses', 'DELETE FROM pairs WHERE (a = 1 AND b = 2)', pair],
        ['by a condition in parentheses, prepared', ['DELETE FROM pairs WHERE (a = ? AND b = ?)', [1, 2]], pair],
        ['by a text key, prepared', ['DELETE FROM settings WHERE (k = ?)', ['thEme']], theme],
        ['by a list of tuples', 'DELETE FROM pairs WHERE (a, b) IN ((1, 2), (7, 7))', pair],
        ['by keys joined with OR', `DELETE FROM settings WHERE k = 'theme' OR k = 'none'`, theme],
        ['by key with LIMIT', `DELETE FROM settings WHERE k = 'theme' LIMIT 1`, theme],
        ['by key with LIMIT, prepared', ['DELETE FROM settings WHERE k = ? LIMIT ?', ['theme', '1']], theme],
        [
          'by another column with ORDER BY and LIMIT',
          `DELETE FROM settings WHERE v = 'old' ORDER BY k DESC LIMIT 1`,
          theme,
        ],
        ['through an alias of the table', `DELETE s FROM settings s WHERE s.k = 'theme'`, theme],
        ['with USING', `DELETE FROM s USING settings AS s WHERE s.k = 'theme'`, theme],
        ['with a join', `DELETE settings FROM people p JOIN settings ON p.email = 'a' WHERE k = 'theme'`, theme],
        ['from several tables at once', `DELETE s, c FROM settings s JOIN codes c WHERE s.k = 'theme'`, theme],
        [
          'by a subquery in a transaction',
          'BEGIN',
          `DELETE FROM settings WHERE k IN (SELECT 'theme' FROM people)`,
          theme,
          'COMMIT',
        ],
        ['in the same text as the INSERT', `DELETE FROM settings WHERE k LIKE 'the%'; ${theme}`],
        ['by key, in the same text as the INSERT', `DELETE FROM settings WHERE k = 'theme'; ${theme}`],
        ['by another column', `DELETE FROM people WHERE email = 'b'`, `INSERT INTO people VALUES (2, 'b')`],
        ['without a condition', 'DELETE FROM settings', theme],
        ['by TRUNCATE', 'TRUNCATE settings', theme],
        [
          'by TRUNCATE, and inserted again in another case',
          'TRUNCATE settings',
          `INSERT INTO settings VALUES ('THEME ', 'old')`,
        ],
        ['by TRUNCATE in a transaction', 'BEGIN', 'TRUNCATE settings', theme, `INSERT INTO settings VALUES ('new', 1)`],
        ['in random order with LIMIT', 'DELETE FROM settings ORDER BY RAND() LIMIT 1', theme],
      ])('%s', async ([, ...statements]) => {
        await inTest(statements.map((one) => one).flat(0) as typeof statements).catch((error) => {
          if (error.errno !== 1062) throw error
        })
        expect(captured.sink.live()).toEqual([])
      })
    })

    test('new keys are tracked after a DELETE that did not match them', async () => {
      await inTest([
        `DELETE FROM settings WHERE k LIKE 'n%'`,
        `INSERT INTO settings VALUES ('new', 1), ('theme2', 1)`,
        'DELETE FROM people WHERE id = 77',
        `INSERT INTO people VALUES (77, 'x')`,
        `DELETE FROM people WHERE email = 'x'`,
        'INSERT INTO people (email) VALUES (1)',
      ])
      expect(captured.sink.live()).toEqual(['settings new', 'settings theme2', 'people 78'])
      expect(captured.sink.warnings).toEqual([])
    })

    test('new keys and restarted numbers are tracked after a TRUNCATE', async () => {
      await inTest([
        'TRUNCATE settings; TRUNCATE people',
        `INSERT INTO settings VALUES ('new', 1)`,
        `INSERT INTO people (email) VALUES ('x')`,
        'TRUNCATE settings',
        `INSERT INTO settings VALUES ('new', 2)`,
      ])
      expect(captured.sink.live()).toEqual(['people 1', 'settings new'])
      expect(captured.sink.warnings).toEqual([])
    })

    test('rows of a table that was dropped and created again are tracked', async () => {
      await inTest([
        'DROP TABLE codes',
        'CREATE TABLE codes (code char(5) PRIMARY KEY)',
        `INSERT INTO codes VALUES ('007')`,
      ])
      expect(captured.sink.live()).toEqual(['codes 007'])
      expect(captured.sink.warnings).toEqual([])
    })

    test('after a DELETE of random rows a generated key is tracked, and on MySQL a written key warns', async () => {
      await inTest([
        'DELETE FROM people ORDER BY RAND() LIMIT 1',
        `INSERT INTO people (email) VALUES ('new')`,
        `INSERT INTO people VALUES (9, 'given')`,
      ])
      expect(captured.sink.live()).toEqual(kind === 'mysql' ? ['people 4'] : ['people 4', 'people 9'])
      expect(captured.sink.warnings).toMatchObject(
        kind === 'mysql'
          ? [{ code: 'DUSTPAN_SQL_UNATTRIBUTED', subject: expect.stringMatching(/^Rows of \w+\.people may be/) }]
          : [],
      )
    })

    describe('The record of a row after an UPDATE', () => {
      const slot = `INSERT INTO pairs VALUES (1, 0, 'new')`
      test.for<readonly [string, readonly string[], ...(string | readonly [string, readonly unknown[]])[]]>([
        ['is dropped when it changes the key', [], slot, 'UPDATE pairs SET b = 9 WHERE a = 1 AND b = 0'],
        [
          'is dropped when it is prepared',
          [],
          slot,
          ['UPDATE pairs p SET p.v = ?, p.b = ? WHERE p.b = ?', ['x', 9, 0]],
        ],
        ['is dropped when it shifts several keys', [], slot, 'UPDATE pairs SET b = b + 1 WHERE a = 1 ORDER BY b DESC'],
        ['is dropped when it has a join', [], slot, `UPDATE pairs JOIN people ON people.id = 1 SET b = 9 WHERE b = 0`],
        [
          'is dropped when it is one of several statements in a text',
          [],
          slot,
          `SET @x = 1; UPDATE pairs SET b = 9 WHERE b = 0`,
        ],
        [
          'is kept when it is rolled back',
          ['pairs [1,0]'],
          slot,
          'BEGIN',
          'UPDATE pairs SET b = 9 WHERE b = 0',
          'ROLLBACK',
        ],
        [
          'is kept when it changes the key of another row',
          ['pairs [1,0]'],
          slot,
          'UPDATE pairs SET b = 9 WHERE a = 1 AND b = 1',
        ],
        ['is kept when it does not change the key', ['pairs [1,0]'], slot, `UPDATE pairs SET v = 'b' WHERE b = 0`],
      ])('%s', async ([, tracked, ...statements]) => {
        await inTest(statements)
        expect(captured.sink.live()).toEqual(tracked)
        const [warning] = captured.sink.warnings
        if (tracked.length === 0) expect(warning).toMatchObject({ code: 'DUSTPAN_SQL_UNATTRIBUTED' })
        else if (!statements.includes('ROLLBACK')) expect(warning).toBeUndefined()
      })
    })

    test('a lock timeout while the deleted keys are read rejects the user’s DELETE', async () => {
      const other = await mysql.createConnection(captured.url)
      await other.query('BEGIN')
      await other.query(`UPDATE settings SET v = 'theirs' WHERE k = 'theme'`)
      await captured.db.query('SET innodb_lock_wait_timeout = 1')
      await expect(inTest([`DELETE FROM settings WHERE k LIKE 'theme'`])).rejects.toMatchObject({ errno: 1205 })
      await other.end()
      expect(await once(captured.url, `SELECT v FROM settings WHERE k = 'theme'`)).toEqual([{ v: 'old' }])
    })

    test('an existing row that was inserted again is not removed', async () => {
      await inTest([
        `DELETE FROM settings WHERE k IN ('theme', 'nope')`,
        theme,
        `INSERT INTO settings VALUES ('own', 1)`,
      ])
      await using connection = await connect(captured.url)
      const live = captured.sink.records
        .filter(({ type, key }) => captured.sink.live().includes(`${type} ${key}`))
        .map(targetOf)
      await connection.remove(
        live,
        removalContext({ signal: new AbortController().signal, deadline: Date.now() + 60_000 }),
      )
      expect(await once(captured.url, 'SELECT k FROM settings ORDER BY k')).toEqual([
        { k: 'bob@x' },
        { k: 'lang' },
        { k: 'theme' },
      ])
    })
  })
