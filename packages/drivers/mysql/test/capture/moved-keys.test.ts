/** A row on record gets another key without an UPDATE of its table: its recorded key may name another row then. */
import { RecordingSink } from '@dustpan/conformance/capture'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import { describe, expect, test } from 'vitest'
import { capturing } from './capturing.ts'

const schema = `
  CREATE TABLE users (id int AUTO_INCREMENT PRIMARY KEY, email varchar(20) UNIQUE, name varchar(20));
  CREATE TABLE tags (name varchar(20) PRIMARY KEY, who varchar(9));
  CREATE TABLE orders (no int PRIMARY KEY, who varchar(9));
  CREATE TABLE parts (no int, part int, who varchar(9), PRIMARY KEY (no, part),
    FOREIGN KEY (no) REFERENCES orders (no) ON UPDATE CASCADE);
  CREATE VIEW labels AS SELECT name AS label, who FROM tags;
  INSERT INTO users VALUES (1, 'a@x', 'Ann'), (2, 'b@x', 'Bob');
  INSERT INTO orders VALUES (1, 'old'), (2, 'old');
  INSERT INTO parts VALUES (1, 1, 'old');`

for (const kind of ['mariadb', 'mysql'] as const)
  describeOn(kind, 'Keys changed unseen', (server) => {
    const captured = capturing(server, schema, RecordingSink)

    async function inTest(...statements: readonly string[]): Promise<readonly string[]> {
      await captured.run(...statements)
      return captured.sink.live()
    }

    const user = `INSERT INTO users VALUES (50, 'e@t', 'T')`

    describe('the table’s records are dropped with DUSTPAN_SQL_UNATTRIBUTED after', () => {
      test.for<readonly [string, ...string[]]>([
        [
          'an upsert that sets the key',
          user,
          `INSERT INTO users (email) VALUES ('e@t') ON DUPLICATE KEY UPDATE id = 77`,
        ],
        [
          'an upsert that sets the key of a row found by another unique key',
          user,
          `INSERT INTO users VALUES (81, 'e@t', 'T') ON DUPLICATE KEY UPDATE id = VALUES(id), name = VALUES(name)`,
        ],
        [
          'an upsert that sets the key of a row not on record',
          user,
          'DELETE FROM users WHERE id = 50',
          user,
          `UPDATE users SET email = 'f@t' WHERE id = 50`,
          `INSERT INTO users VALUES (90, 'a@x', 'T') ON DUPLICATE KEY UPDATE id = VALUES(id)`,
        ],
        [
          'an UPDATE of the key through a view',
          `INSERT INTO tags VALUES ('t', 'test')`,
          `UPDATE labels SET label = 'u' WHERE label = 't'`,
        ],
        [
          'an ON UPDATE CASCADE of a foreign key',
          `INSERT INTO parts VALUES (1, 2, 'test')`,
          'UPDATE orders SET no = 7 WHERE no = 1',
        ],
        [
          'an ON UPDATE CASCADE of a foreign key, by an upsert',
          `INSERT INTO parts VALUES (1, 2, 'test')`,
          'INSERT INTO orders VALUES (1, 0) ON DUPLICATE KEY UPDATE no = 7',
        ],
      ])('%s', async ([, ...statements]) => {
        expect(await inTest(...statements)).toEqual([])
        expect(captured.sink.warnings).toContainEqual(expect.objectContaining({ code: 'DUSTPAN_SQL_UNATTRIBUTED' }))
      })
    })

    describe('the table’s records are kept after', () => {
      const kept = ['users 50']
      test.for<readonly [string, readonly string[], ...string[]]>([
        [
          'an upsert that writes the same key',
          kept,
          user,
          `INSERT INTO users VALUES (50, 'e@t', 'U') ON DUPLICATE KEY UPDATE id = VALUES(id), name = VALUES(name)`,
        ],
        [
          'an upsert that writes the same key of an existing row',
          kept,
          user,
          `INSERT INTO users VALUES (1, 'a@x', 'U') ON DUPLICATE KEY UPDATE id = VALUES(id), name = VALUES(name)`,
        ],
        [
          'an upsert that writes the same key, in a transaction',
          kept,
          'BEGIN',
          user,
          `INSERT INTO users VALUES (50, 'e@t', 'U') ON DUPLICATE KEY UPDATE id = VALUES(id), name = VALUES(name)`,
          'COMMIT',
        ],
        [
          'an upsert with id = id',
          kept,
          user,
          `INSERT INTO users (email, name) VALUES ('e@t', 'U') ON DUPLICATE KEY UPDATE id = id, name = 'V'`,
        ],
        [
          'an upsert with id = LAST_INSERT_ID(id)',
          kept,
          user,
          `INSERT INTO users (email, name) VALUES ('e@t', 'U') ON DUPLICATE KEY UPDATE id = LAST_INSERT_ID(id), name = 'V'`,
        ],
        [
          'an upsert of the table’s only unique key',
          ['tags t'],
          `INSERT INTO tags VALUES ('t', 'test')`,
          'BEGIN',
          `INSERT INTO tags VALUES ('t', 'again') ON DUPLICATE KEY UPDATE name = VALUES(name), who = VALUES(who)`,
          'COMMIT',
        ],
        [
          'an UPDATE of another column',
          ['parts [1,2]'],
          `INSERT INTO parts VALUES (1, 2, 'test')`,
          `UPDATE orders SET who = 'x'`,
        ],
        [
          'an UPDATE of the key in another table',
          ['tags t'],
          `INSERT INTO tags VALUES ('t', 'test')`,
          'UPDATE orders SET no = 9 WHERE no = 2',
          `UPDATE users SET name = 'N'`,
        ],
      ])('%s', async ([, records, ...statements]) => {
        expect(await inTest(...statements)).toEqual(records)
      })
    })

    test('whether a table is a view is queried only once', async () => {
      await inTest(user, `UPDATE orders SET who = 'a'`)
      const before = await questions()
      await inTest(`UPDATE orders SET who = 'b'`, `UPDATE orders SET who = 'c'`)
      expect((await questions()) - before).toBe(0)
    })

    async function questions(): Promise<number> {
      const [rows] = await captured.db.query(`SHOW SESSION STATUS LIKE 'Com_select'`)
      return Number((rows as { Value: string }[])[0]?.Value)
    }
  })
