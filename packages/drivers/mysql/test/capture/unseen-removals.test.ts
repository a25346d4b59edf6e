import { RemovedSink } from '@dustpan/conformance/capture'
/** Rows that were there, went in a way that tells no keys, and are inserted again. */
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import { expect, test } from 'vitest'
import { once } from '../server.ts'
import { capturing } from './capturing.ts'

const schema = `
  CREATE TABLE t (id int PRIMARY KEY, who varchar(20));
  CREATE TABLE parts (id int PRIMARY KEY, who varchar(20))
    PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (100));
  CREATE TABLE apart (id int PRIMARY KEY, who varchar(20));
  CREATE TABLE named (id int PRIMARY KEY, email varchar(20) NOT NULL UNIQUE, who varchar(20));
  CREATE VIEW seen AS SELECT * FROM t;
  INSERT INTO t VALUES (1, 'other'), (2, 'other');
  INSERT INTO parts VALUES (1, 'other'), (20, 'other');
  INSERT INTO named VALUES (1, 'a', 'other'), (2, 'b', 'other');`

const again = `INSERT INTO t VALUES (1, 'other')`
const inParts = `INSERT INTO parts VALUES (1, 'other')`

type Case = readonly [title: string, ...statements: readonly string[]]

const onBoth: readonly Case[] = [
  ['renamed between', 'DELETE FROM t WHERE id = 1', 'ALTER TABLE t RENAME TO u', `INSERT INTO u VALUES (1, 'other')`],
  ['renamed before, and back', 'RENAME TABLE t TO u', 'DELETE FROM u WHERE id = 1', 'RENAME TABLE u TO t', again],
  ['renamed in the same text', 'DELETE FROM t WHERE id = 1; RENAME TABLE t TO u', `INSERT INTO u VALUES (1, 'other')`],
  [
    'two that take each other’s names',
    'DELETE FROM t WHERE id = 1',
    'RENAME TABLE t TO x, apart TO t, x TO apart',
    `INSERT INTO apart VALUES (1, 'other')`,
  ],
  ['TRUNCATE PARTITION', 'ALTER TABLE parts TRUNCATE PARTITION p0', inParts],
  [
    'DROP PARTITION',
    'ALTER TABLE parts DROP PARTITION p1',
    'ALTER TABLE parts ADD PARTITION (PARTITION p1 VALUES LESS THAN (100))',
    `INSERT INTO parts VALUES (20, 'other')`,
  ],
  ['EXCHANGE PARTITION', 'ALTER TABLE parts EXCHANGE PARTITION p0 WITH TABLE apart', inParts],
  [
    'EXCHANGE PARTITION, into the other table',
    `INSERT INTO apart VALUES (5, 'test')`,
    'ALTER TABLE parts EXCHANGE PARTITION p0 WITH TABLE apart',
  ],
  [
    'REPLACE by another key',
    `REPLACE INTO named VALUES (7, 'a', 'test')`,
    'DELETE FROM named WHERE id = 7',
    `INSERT INTO named VALUES (1, 'a', 'other')`,
  ],
  ['PREPARE', `PREPARE d FROM 'DELETE FROM t WHERE id = 1'`, 'EXECUTE d', again],
  ['PREPARE by a variable', `SET @sql = 'DELETE FROM t WHERE id = 1'`, 'PREPARE d FROM @sql', 'EXECUTE d', again],
  ['behind USE', 'USE $db; DELETE FROM t WHERE id = 1', again],
  ['behind the USE of another database', 'USE mysql; DELETE FROM $db.t WHERE id = 1', 'USE $db', again],
  ['behind sql_mode', `SET sql_mode = ''; DELETE FROM t WHERE id = 1`, again],
  ['TRUNCATE behind USE', 'USE information_schema', 'USE $db; TRUNCATE t', again],
  ['from another database', 'USE mysql', 'DELETE FROM $db.t WHERE id = 1', 'USE $db', again],
  ['a view', 'DELETE FROM seen WHERE id = 1', again],
  ['a comment with a version', '/*!50000 DELETE FROM t WHERE id = 1 */', again],
]

const only: { readonly [kind: string]: readonly Case[] } = {
  mariadb: [
    ['ANALYZE', 'ANALYZE DELETE FROM t WHERE id = 1', again],
    ['ANALYZE FORMAT', 'ANALYZE FORMAT=JSON DELETE FROM t WHERE id = 1', again],
    ['SET STATEMENT', 'SET STATEMENT max_statement_time = 5 FOR DELETE FROM t WHERE id = 1', again],
    ['EXECUTE IMMEDIATE', `EXECUTE IMMEDIATE 'DELETE FROM t WHERE id = 1'`, again],
    ['BEGIN NOT ATOMIC', 'BEGIN NOT ATOMIC SET @x = 1; DELETE FROM t WHERE id = 1; END', again],
    ['IF', 'IF 1 THEN DELETE FROM t WHERE id = 1; END IF', again],
  ],
}

for (const kind of ['mariadb', 'mysql'] as const)
  describeOn(kind, 'Rows that go unseen', (server) => {
    const captured = capturing(server, schema, RemovedSink)

    const inTest = (statements: readonly string[]) =>
      captured.sink.run('test', async () => {
        for (const statement of statements)
          await captured.db
            .query(statement.replaceAll('$db', new URL(captured.url).pathname.slice(1)))
            .catch((error) => {
              if (error.errno !== 1062) throw error
            })
      })

    test.for<Case>([...onBoth, ...(only[kind] ?? [])])('%s', async ([, ...statements]) => {
      await inTest(statements)
      expect(captured.sink.live()).toEqual([])
      expect(captured.sink.live().length === 0 ? captured.sink.warnings.map(({ code }) => code) : []).not.toContain(
        'DUSTPAN_SQL_UNPARSABLE',
      )
    })

    test('DUSTPAN_SQL_UNATTRIBUTED: what is not tracked is told', async () => {
      await inTest([`PREPARE d FROM 'DELETE FROM t WHERE id = 1'`, 'EXECUTE d', again])
      expect(captured.sink.warnings).toContainEqual(
        expect.objectContaining({
          code: 'DUSTPAN_SQL_UNATTRIBUTED',
          message: expect.stringMatching(/^Rows of \w+\.t may be/),
        }),
      )
    })

    test('other tables are left out of it', async () => {
      await inTest([
        `PREPARE d FROM 'DELETE FROM t WHERE id = 1'`,
        'EXECUTE d',
        'ALTER TABLE parts TRUNCATE PARTITION p0',
        'DELETE FROM t WHERE id = 2',
        `INSERT INTO apart VALUES (1, 'test')`,
        'RENAME TABLE apart TO moved',
        `INSERT INTO moved VALUES (2, 'test')`,
        `REPLACE INTO named VALUES (3, 'c', 'test')`,
        `INSERT INTO named VALUES (4, 'd', 'test')`,
        `PREPARE s FROM 'SELECT 1'`,
        'EXECUTE s',
        `INSERT INTO named VALUES (5, 'e', 'test')`,
      ])
      expect(captured.sink.live()).toEqual(['apart 1', 'moved 2', 'named 3', 'named 4', 'named 5'])
    })

    test('a row that was there is there again when it has gone twice', async () => {
      await once(captured.url, `INSERT INTO parts VALUES (2, 'other')`)
      await inTest(['DELETE FROM parts WHERE id = 1', inParts, 'ALTER TABLE parts TRUNCATE PARTITION p0', inParts])
      expect(captured.sink.live()).toEqual([])
    })
  })
