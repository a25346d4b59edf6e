/** A row on record is deleted, or gets another key, by a statement that shows no keys: another row may have its key later. */
import { RecordingSink } from '@dustpan/conformance/capture'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import { expect, test } from 'vitest'
import { capturing } from './capturing.ts'

const schema = `
  CREATE TABLE users (email varchar(20) PRIMARY KEY, name varchar(20));
  CREATE TABLE tags (id int PRIMARY KEY);
  CREATE TABLE notes (id int AUTO_INCREMENT PRIMARY KEY, text varchar(20));
  CREATE VIEW people AS SELECT * FROM users;
  CREATE VIEW addresses AS SELECT email AS mail FROM users;
  CREATE PROCEDURE nothing() SELECT 1;`

const user = `INSERT INTO users VALUES ('a@x', 'T')`
const tag = 'INSERT INTO tags VALUES (1)'

const withUpdate = ['a WITH … UPDATE of another column', `WITH n AS (SELECT 1) UPDATE users SET name = 'U'`] as const

type Case = readonly [title: string, ...statements: readonly string[]]

const ending: { readonly [kind: string]: readonly Case[] } = {
  both: [
    ['a DELETE through a view', 'DELETE FROM people'],
    ['a prepared DELETE', `PREPARE d FROM 'DELETE FROM users'`, 'EXECUTE d'],
    ['a prepared DELETE through a view', `PREPARE d FROM 'DELETE FROM people'`, 'EXECUTE d'],
    ['a prepared UPDATE of the key', `PREPARE u FROM 'UPDATE users SET email = "b@x"'`, 'EXECUTE u'],
    ['a DELETE prepared from a variable', `SET @sql = 'DELETE FROM users'`, 'PREPARE d FROM @sql', 'EXECUTE d'],
    ['a prepared DELETE from another database', `PREPARE d FROM 'DELETE FROM $db.users'`, 'USE mysql', 'EXECUTE d'],
    [
      'a DELETE prepared before another database was selected',
      `PREPARE d FROM 'DELETE FROM users'`,
      'USE mysql',
      'EXECUTE d',
    ],
    ['a DELETE prepared and executed in one text', `PREPARE d FROM 'DELETE FROM users'; EXECUTE d`],
    [
      'a prepared UPDATE through a view with other column names',
      `PREPARE u FROM 'UPDATE addresses SET mail = "b@x"'`,
      'EXECUTE u',
    ],
    ['a DELETE from two tables', tag, 'DELETE users, tags FROM users JOIN tags'],
    ['a DELETE behind CALL in one text', 'CALL nothing(); DELETE FROM users'],
  ],
  mysql: [
    ['a WITH … UPDATE of the key', `WITH n AS (SELECT 1) UPDATE users SET email = 'b@x'`],
    ['a DELETE with LIMIT that leaves rows', `INSERT INTO users VALUES ('b@x', 'T')`, 'DELETE FROM users LIMIT 1'],
    ['a DELETE with a subquery inside a transaction', 'BEGIN', 'DELETE FROM users WHERE EXISTS (SELECT 1)', 'COMMIT'],
    ['a WITH … DELETE', 'WITH n AS (SELECT 1) DELETE FROM users'],
  ],
  mariadb: [
    ['EXECUTE IMMEDIATE', `EXECUTE IMMEDIATE 'DELETE FROM users'`],
    ['SET STATEMENT', 'SET STATEMENT max_statement_time = 5 FOR DELETE FROM users'],
    [
      'SET STATEMENT with an UPDATE of the key',
      `SET STATEMENT max_statement_time = 5 FOR UPDATE users SET email = 'b@x'`,
    ],
    ['a block', 'BEGIN NOT ATOMIC DELETE FROM users; END'],
    ['a block with an UPDATE of the key', `BEGIN NOT ATOMIC UPDATE users SET email = 'b@x'; END`],
    ['a DELETE through a view with RETURNING', 'DELETE FROM people RETURNING email'],
    ['ANALYZE', 'ANALYZE DELETE FROM users'],
    ['ANALYZE with an UPDATE of the key', `ANALYZE UPDATE users SET email = 'b@x'`],
  ],
}

for (const kind of ['mariadb', 'mysql'] as const)
  describeOn(kind, 'Changes of recorded rows that show no keys', (server) => {
    const captured = capturing(server, schema, RecordingSink)
    const run = (...statements: readonly string[]) => {
      const database = new URL(captured.url).pathname.slice(1)
      return captured.run(...statements.map((statement) => statement.replaceAll('$db', database)))
    }

    test.for<Case>([...(ending.both ?? []), ...(ending[kind] ?? [])])(
      'DUSTPAN_SQL_UNATTRIBUTED: the records end after %s',
      async ([, ...statements]) => {
        await run(user, ...statements)
        expect(captured.sink.live()).toEqual([])
        expect(captured.sink.warnings).toContainEqual(
          expect.objectContaining({
            code: 'DUSTPAN_SQL_UNATTRIBUTED',
            message: expect.stringContaining('tracked no longer'),
          }),
        )
      },
    )

    test.for<Case>([
      ['a prepared UPDATE of another column', `PREPARE u FROM 'UPDATE users SET name = "U"'`, 'EXECUTE u'],
      ['a prepared DELETE of another table', tag, `PREPARE d FROM 'DELETE FROM tags'`, 'EXECUTE d'],
      ...(kind === 'mysql' ? [withUpdate] : []),
      ['a prepared SELECT', `PREPARE s FROM 'SELECT 1'`, 'EXECUTE s'],
      ['a prepared DELETE that is rolled back', `PREPARE d FROM 'DELETE FROM users'`, 'BEGIN', 'EXECUTE d', 'ROLLBACK'],
      [
        'a DELETE from two tables that is rolled back',
        tag,
        'BEGIN',
        'DELETE users, tags FROM users JOIN tags',
        'ROLLBACK',
        'DELETE FROM tags',
      ],
      ['a DELETE through a view that finds no row', `DELETE FROM people WHERE name = 'nobody'`],
    ])('the records stay after %s', async ([, ...statements]) => {
      await run(user, ...statements)
      expect(captured.sink.live()).toEqual(['users a@x'])
    })

    test('the records of numbered rows stay after a DELETE from two tables: no number is given again', async () => {
      await run(`INSERT INTO notes (text) VALUES ('T')`, tag, 'DELETE notes, tags FROM notes JOIN tags')
      expect(captured.sink.live()).toEqual(['notes 1'])
    })

    const failing: readonly Case[] = [
      ['a block', `BEGIN NOT ATOMIC DELETE FROM users; SIGNAL SQLSTATE '45000'; END`],
      ['a prepared block', `EXECUTE IMMEDIATE "BEGIN NOT ATOMIC DELETE FROM users; SIGNAL SQLSTATE '45000'; END"`],
    ]
    test.for(kind === 'mariadb' ? failing : [])(
      'DUSTPAN_SQL_UNATTRIBUTED: the records end after %s that fails midway',
      async ([, statement]) => {
        await run(user)
        await expect(run(statement as string)).rejects.toThrow()
        expect(captured.sink.live()).toEqual([])
        expect(captured.sink.warnings).toContainEqual(expect.objectContaining({ code: 'DUSTPAN_SQL_UNATTRIBUTED' }))
      },
    )
  })
