/** Existing rows that are deleted in a way that shows no keys, and are inserted again. */
import { RemovedSink } from '@dustpan/conformance/capture'
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

const insertAgain = `INSERT INTO t VALUES (1, 'other')`
const inParts = `INSERT INTO parts VALUES (1, 'other')`

type Case = readonly [title: string, ...statements: readonly string[]]

const onBoth: readonly Case[] = [
  [
    'the table is renamed in between',
    'DELETE FROM t WHERE id = 1',
    'ALTER TABLE t RENAME TO u',
    `INSERT INTO u VALUES (1, 'other')`,
  ],
  [
    'the table is renamed before the DELETE and back after it',
    'RENAME TABLE t TO u',
    'DELETE FROM u WHERE id = 1',
    'RENAME TABLE u TO t',
    insertAgain,
  ],
  [
    'the table is renamed in the text of the DELETE',
    'DELETE FROM t WHERE id = 1; RENAME TABLE t TO u',
    `INSERT INTO u VALUES (1, 'other')`,
  ],
  [
    'two tables swap their names',
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
    'REPLACE with another primary key',
    `REPLACE INTO named VALUES (7, 'a', 'test')`,
    'DELETE FROM named WHERE id = 7',
    `INSERT INTO named VALUES (1, 'a', 'other')`,
  ],
  ['PREPARE', `PREPARE d FROM 'DELETE FROM t WHERE id = 1'`, 'EXECUTE d', insertAgain],
  [
    'PREPARE from a variable',
    `SET @sql = 'DELETE FROM t WHERE id = 1'`,
    'PREPARE d FROM @sql',
    'EXECUTE d',
    insertAgain,
  ],
  ['DELETE behind USE', 'USE $db; DELETE FROM t WHERE id = 1', insertAgain],
  ['DELETE behind USE of another database', 'USE mysql; DELETE FROM $db.t WHERE id = 1', 'USE $db', insertAgain],
  ['DELETE behind SET sql_mode', `SET sql_mode = ''; DELETE FROM t WHERE id = 1`, insertAgain],
  ['TRUNCATE behind USE', 'USE information_schema', 'USE $db; TRUNCATE t', insertAgain],
  ['DELETE from a session in another database', 'USE mysql', 'DELETE FROM $db.t WHERE id = 1', 'USE $db', insertAgain],
  ['DELETE through a view', 'DELETE FROM seen WHERE id = 1', insertAgain],
  ['DELETE in a version comment', '/*!50000 DELETE FROM t WHERE id = 1 */', insertAgain],
]

const only: { readonly [kind: string]: readonly Case[] } = {
  mariadb: [
    ['ANALYZE', 'ANALYZE DELETE FROM t WHERE id = 1', insertAgain],
    ['ANALYZE FORMAT', 'ANALYZE FORMAT=JSON DELETE FROM t WHERE id = 1', insertAgain],
    ['SET STATEMENT', 'SET STATEMENT max_statement_time = 5 FOR DELETE FROM t WHERE id = 1', insertAgain],
    ['EXECUTE IMMEDIATE', `EXECUTE IMMEDIATE 'DELETE FROM t WHERE id = 1'`, insertAgain],
    ['BEGIN NOT ATOMIC', 'BEGIN NOT ATOMIC SET @x = 1; DELETE FROM t WHERE id = 1; END', insertAgain],
    ['IF', 'IF 1 THEN DELETE FROM t WHERE id = 1; END IF', insertAgain],
  ],
}

for (const kind of ['mariadb', 'mysql'] as const)
  describeOn(kind, 'An existing row deleted unseen is not tracked when it is inserted again', (server) => {
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

    test('DUSTPAN_SQL_UNATTRIBUTED: a row that is not tracked gives a warning', async () => {
      await inTest([`PREPARE d FROM 'DELETE FROM t WHERE id = 1'`, 'EXECUTE d', insertAgain])
      expect(captured.sink.warnings).toContainEqual(
        expect.objectContaining({
          code: 'DUSTPAN_SQL_UNATTRIBUTED',
          message: expect.stringMatching(/^Rows of \w+\.t may be/),
        }),
      )
    })

    test('new rows of tables that the deletion does not affect are tracked', async () => {
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

    test('an existing row is not tracked when it is deleted and inserted twice', async () => {
      await once(captured.url, `INSERT INTO parts VALUES (2, 'other')`)
      await inTest(['DELETE FROM parts WHERE id = 1', inParts, 'ALTER TABLE parts TRUNCATE PARTITION p0', inParts])
      expect(captured.sink.live()).toEqual([])
    })
  })
