/** A row on record is deleted, or gets another key, while the connection has selected another database. */
import { RecordingSink } from '@dustpan/conformance/capture'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { keysIn } from '../server.ts'
import { capturing } from './capturing.ts'

const schema = `
  CREATE TABLE users (email varchar(20) PRIMARY KEY, name varchar(20));
  CREATE TABLE numbered (id int AUTO_INCREMENT PRIMARY KEY, name varchar(20));
  CREATE TABLE orders (no int PRIMARY KEY);
  CREATE TABLE parts (no int, part int, PRIMARY KEY (no, part), FOREIGN KEY (no) REFERENCES orders (no) ON UPDATE CASCADE);
  CREATE VIEW people AS SELECT * FROM users;
  INSERT INTO orders VALUES (1);`

const user = `INSERT INTO users VALUES ('a@x', 'T')`
const named = `INSERT INTO $db.users VALUES ('a@x', 'T')`

for (const kind of ['mariadb', 'mysql'] as const)
  describeOn(kind, 'Records of rows changed from another database', (server) => {
    const captured = capturing(server, schema, RecordingSink)

    async function inTest(...statements: readonly string[]): Promise<readonly string[]> {
      const database = new URL(captured.url).pathname.slice(1)
      await captured.run(...statements.map((statement) => statement.replaceAll('$db', database)))
      return captured.sink.live().map((one) => one.replace(database, '$db'))
    }

    describe('end after', () => {
      test.for<readonly [string, ...string[]]>([
        ['a DELETE by another condition than the key', user, 'USE mysql', `DELETE FROM $db.users WHERE name = 'T'`],
        ['a DELETE by key', user, 'USE mysql', `DELETE FROM $db.users WHERE email = 'a@x'`],
        [
          'a DELETE by a generated key',
          `INSERT INTO numbered VALUES (NULL, 'T')`,
          'USE mysql',
          'DELETE FROM $db.numbered WHERE id = 1',
        ],
        [
          'a DELETE of a row inserted from another database',
          'USE mysql',
          named,
          'USE $db',
          `DELETE FROM users WHERE email = 'a@x'`,
        ],
        ['an UPDATE of the key', user, 'USE mysql', `UPDATE $db.users SET email = 'b@x'`],
        ['an UPDATE of the key through a view', user, 'USE mysql', `UPDATE $db.people SET email = 'b@x'`],
        ['an ON UPDATE CASCADE', 'INSERT INTO parts VALUES (1, 1)', 'USE mysql', 'UPDATE $db.orders SET no = 2'],
        ['a TRUNCATE', user, 'USE mysql', 'TRUNCATE $db.users'],
        ['a DROP TABLE', user, 'USE mysql', 'DROP TABLE $db.users'],
        ['a DELETE behind USE in one text', user, 'USE mysql', 'USE $db; DELETE FROM users'],
        ['a DELETE by key behind USE in one text', user, 'USE mysql', `USE $db; DELETE FROM users WHERE email = 'a@x'`],
        ['an UPDATE of the key behind USE in one text', user, 'USE mysql', `USE $db; UPDATE users SET email = 'b@x'`],
        [
          'an UPDATE of the key through a view behind USE in one text',
          user,
          'USE mysql',
          `USE $db; UPDATE people SET email = 'b@x'`,
        ],
        ['a TRUNCATE behind USE in one text', user, 'USE mysql', 'USE $db; TRUNCATE users'],
        [
          'an upsert of the key behind USE in one text',
          user,
          'USE mysql',
          `USE $db; INSERT INTO users VALUES ('a@x', 'T') ON DUPLICATE KEY UPDATE email = 'b@x'`,
        ],
        ['a committed DELETE', user, 'USE mysql', 'BEGIN', 'DELETE FROM $db.users', 'COMMIT'],
      ])('%s', async ([, ...statements]) => {
        expect(await inTest(...statements)).toEqual([])
      })
    })

    test.for<readonly [string, ...string[]]>([
      ['a rolled-back DELETE', user, 'USE mysql', 'BEGIN', 'DELETE FROM $db.users', 'ROLLBACK'],
      ['a DELETE of another row', user, 'USE mysql', `DELETE FROM $db.users WHERE email = 'b@x'`],
      [
        'a DELETE of a table with the same name',
        user,
        'CREATE DATABASE $db_2',
        'USE $db_2',
        'CREATE TABLE users (email varchar(20) PRIMARY KEY)',
        'DELETE FROM users',
        'DROP DATABASE $db_2',
      ],
    ])('stay after %s', async ([, ...statements]) => {
      expect(await inTest(...statements)).toEqual(['users a@x'])
    })

    describe('a statement that mysql2 prepared in one database and executes after USE', () => {
      beforeEach(async () => {
        await inTest('CREATE DATABASE $db_2', 'CREATE TABLE $db_2.users (email varchar(20) PRIMARY KEY)')
      })
      afterEach(async () => {
        await inTest('DROP DATABASE $db_2')
      })

      const execute = (sql: string, ...values: readonly string[]) =>
        captured.sink.run('test', () => captured.db.execute(sql, [...values]))

      test('DUSTPAN_SQL_UNATTRIBUTED: its rows are not tracked, as they are in the first database', async () => {
        const insert = 'INSERT INTO users (email) VALUES (?)'
        await execute(insert, 'a@x')
        await inTest('USE $db_2')
        await execute(insert, 'b@x')
        expect(await keysIn(captured.url, 'users', 'email')).toEqual(['a@x', 'b@x'])
        expect(captured.sink.live()).toEqual(['users a@x'])
        expect(captured.sink.warnings).toContainEqual(expect.objectContaining({ code: 'DUSTPAN_SQL_UNATTRIBUTED' }))
        expect(await inTest('USE $db')).toEqual(['users a@x'])
        await execute(insert, 'c@x')
        expect(captured.sink.live()).toEqual(['users a@x', 'users c@x'])
      })

      test('it ends the records of the rows that it deletes in the first database', async () => {
        const remove = 'DELETE FROM users WHERE email = ?'
        await inTest(user, `INSERT INTO $db_2.users VALUES ('a@x')`)
        await execute(remove, 'nobody')
        await inTest('USE $db_2')
        await execute(remove, 'a@x')
        expect(await keysIn(captured.url, 'users', 'email')).toEqual([])
        expect(await keysIn(captured.url.replace(/$/, '_2'), 'users', 'email')).toEqual(['a@x'])
        expect(captured.sink.live().filter((one) => one.startsWith('users'))).toEqual([])
      })
    })
  })
