/** A row on record is deleted, or gets another key, by a statement that shows no keys: another row may have its key later. */
import { RecordingSink } from '@dustpan/conformance/capture'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import { expect, test } from 'vitest'
import { capturing } from './capturing.ts'

const schema = `
  CREATE TABLE users (email varchar(20) PRIMARY KEY, name varchar(20));
  CREATE TABLE tags (id int PRIMARY KEY);
  CREATE VIEW people AS SELECT * FROM users;`

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
  ],
  mysql: [['a WITH … UPDATE of the key', `WITH n AS (SELECT 1) UPDATE users SET email = 'b@x'`]],
  mariadb: [
    ['EXECUTE IMMEDIATE', `EXECUTE IMMEDIATE 'DELETE FROM users'`],
    ['SET STATEMENT', 'SET STATEMENT max_statement_time = 5 FOR DELETE FROM users'],
    [
      'SET STATEMENT with an UPDATE of the key',
      `SET STATEMENT max_statement_time = 5 FOR UPDATE users SET email = 'b@x'`,
    ],
    ['a block', 'BEGIN NOT ATOMIC DELETE FROM users; END'],
    ['a block with an UPDATE of the key', `BEGIN NOT ATOMIC UPDATE users SET email = 'b@x'; END`],
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
      ['a DELETE through a view that finds no row', `DELETE FROM people WHERE name = 'nobody'`],
    ])('the records stay after %s', async ([, ...statements]) => {
      await run(user, ...statements)
      expect(captured.sink.live()).toEqual(['users a@x'])
    })
  })
