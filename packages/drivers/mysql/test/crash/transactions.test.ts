/** Recovery of rows whose transaction was open when the process was killed. */
import { clean } from '@dustpan/conformance/run'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import mysql from 'mysql2/promise'
import { beforeEach, expect, test } from 'vitest'
import { keysIn, once } from '../server.ts'
import { doomed, type Step } from './killed.ts'

const schema = `
  CREATE TABLE t (id int PRIMARY KEY, name varchar(50));
  CREATE TABLE other (id int PRIMARY KEY);
  CREATE PROCEDURE commits() COMMIT;
  CREATE PROCEDURE goes_on() BEGIN COMMIT; START TRANSACTION; END`
const until = 'SELECT COUNT(*) FROM t'
const insert = (id: number) => `INSERT INTO t VALUES (${id}, 'killed')`

/** Statements that leave a transaction open. */
const harmless: readonly string[] = [
  'SELECT 1',
  '/* a comment */ SELECT * FROM t FOR UPDATE',
  '(SELECT 1)',
  'WITH a AS (SELECT 1 AS n) SELECT n FROM a',
  'SHOW TABLES',
  'DESCRIBE t',
  'EXPLAIN SELECT * FROM t',
  'DO SLEEP(0)',
  'SET @a = 1',
  `UPDATE t SET name = 'x; COMMIT' WHERE id = 99`,
  'DELETE FROM t WHERE id = 99',
  'SAVEPOINT a; ROLLBACK TO SAVEPOINT a; RELEASE SAVEPOINT a',
  `SELECT 'a', "COMMIT", 1; SELECT 2`,
]

const endTransaction: readonly Step[] = [
  'COMMIT',
  'commit work',
  '/* a */ COMMIT AND CHAIN -- b',
  '/*!50000 COMMIT */',
  { call: 'commit' },
  { execute: 'COMMIT' },
  { prepare: 'COMMIT' },
  'SELECT 1; COMMIT',
  `SELECT ';'; COMMIT`,
  'BEGIN',
  'START TRANSACTION',
  { call: 'beginTransaction' },
  'CREATE TABLE made (id int)',
  'ALTER TABLE other COMMENT = ""',
  'CREATE INDEX i ON other (id)',
  'DROP INDEX i ON other',
  'RENAME TABLE made TO made_2',
  'TRUNCATE TABLE made_2',
  'DROP TABLE made_2',
  'DROP TABLE IF EXISTS nothing',
  'CREATE OR REPLACE VIEW v AS SELECT 1',
  'DROP VIEW v',
  'CREATE PROCEDURE p() SELECT 1',
  'DROP PROCEDURE p',
  'CREATE TRIGGER r BEFORE INSERT ON other FOR EACH ROW SET @x = 1',
  'DROP TRIGGER r',
  `CREATE USER 'killed'@'localhost'`,
  `GRANT SELECT ON other TO 'killed'@'localhost'`,
  `REVOKE SELECT ON other FROM 'killed'@'localhost'`,
  `DROP USER 'killed'@'localhost'`,
  'CREATE DATABASE killed_one',
  'DROP DATABASE killed_one',
  'LOCK TABLES other READ',
  'ANALYZE TABLE other',
  'CHECK TABLE other',
  'OPTIMIZE TABLE other',
  'REPAIR TABLE other',
  'FLUSH STATUS',
  'CALL commits()',
  'CALL goes_on()',
  { prepare: 'CALL commits()' },
  `PREPARE x FROM 'COMMIT'; EXECUTE x`,
  'SET @a = 1; COMMIT',
  'CREATE TABLE copied SELECT 1 AS n',
  'CREATE TABLE copied_2 LIKE other',
]

const enableAutocommit: readonly Step[] = [
  'SET autocommit = 1',
  'SET @@autocommit = ON',
  'SET SESSION autocommit = TRUE',
  'SET @a = 1, @@session.autocommit = 1',
  'SET `autocommit` = 1',
  'SET /*!50000 autocommit */ = 1',
]

const endTransactionOn = {
  mariadb: [
    'SET STATEMENT max_statement_time = 10 FOR COMMIT',
    'BEGIN NOT ATOMIC COMMIT; END',
    `EXECUTE IMMEDIATE 'COMMIT'`,
    'IF 1 = 1 THEN COMMIT; END IF',
    'CREATE SEQUENCE q',
    'DROP SEQUENCE q',
    'CHECK VIEW u',
    'CREATE OR REPLACE TABLE made_3 (id int)',
  ],
  mysql: ['CREATE ROLE killed_role', 'DROP ROLE killed_role', 'SET DEFAULT ROLE NONE TO root@localhost'],
} as const

for (const kind of ['mariadb', 'mysql'] as const)
  describeOn(kind, 'Transactions of killed processes', (server) => {
    let url: string
    beforeEach(async () => {
      url = await server.database()
      for (const statement of schema.split(';\n')) await once(url, statement)
    })

    test.each<[string, readonly Step[]]>([
      ['by BEGIN', ['BEGIN', insert(1)]],
      ['by beginTransaction()', [{ call: 'beginTransaction' }, { execute: insert(1) }]],
      ['by BEGIN in the text of the INSERT', [`BEGIN; ${insert(1)}`]],
      ['without autocommit', ['SET autocommit = 0', insert(1)]],
      ['after a committed one', ['BEGIN', insert(2), 'COMMIT', 'BEGIN', insert(1)]],
      ['by COMMIT AND CHAIN', ['BEGIN', insert(2), 'COMMIT AND CHAIN', insert(1)]],
      ['by XA', [`XA START 'a'`, insert(1)]],
      ['with statements that leave it open', ['BEGIN', insert(1), ...harmless]],
    ])('after a transaction left open %s, another process’s row of the same key is not removed', async (_, steps) => {
      const run = await doomed(url, { connections: [{ steps }], until })
      const other = await mysql.createConnection(url)
      const inserted = other.query(`INSERT INTO t VALUES (1, 'theirs')`)
      await run.kill()
      await inserted
      await other.end()
      await clean(run.folder, run.id)
      expect(await once(url, 'SELECT * FROM t')).toEqual([{ id: 1, name: 'theirs' }])
    })

    test('a row is removed when the process died before the response to a statement that ends the transaction', async () => {
      const opened = (steps: readonly Step[]) => (unheard: Step, at: number) => ({
        steps: [...steps, insert(at)],
        unheard,
      })
      const all = [
        ...[...endTransaction, ...endTransactionOn[kind]].map((unheard) => opened(['BEGIN'])(unheard, 0)),
        ...enableAutocommit.map((unheard) => opened(['SET autocommit = 0'])(unheard, 0)),
      ]
      const connections = all.map(({ steps, unheard }, at) => ({ steps: [...steps.slice(0, -1), insert(at)], unheard }))
      await once(url, 'CREATE VIEW u AS SELECT 1')
      const run = await doomed(url, { connections, until })
      expect(await keysIn(url, 't')).toEqual(all.map((_, at) => at))
      await run.kill()
      await clean(run.folder, run.id)
      expect(await keysIn(url, 't')).toEqual([])
    })

    test.each<[string, string, readonly Step[]]>([
      ['on record', 'created', [`BEGIN; ${insert(1)}; COMMIT`]],
      ['on record after a DELETE', 'created', ['BEGIN', 'DELETE FROM t WHERE id = 0', `${insert(1)}; COMMIT`]],
      [
        'on record behind SET autocommit',
        'created',
        [`SET autocommit = 0; ${insert(1)}; SELECT 2; SET autocommit = 1`],
      ],
    ])(
      'a row whose COMMIT is in the same text is removed when the process died once it was %s',
      async (_, diesOf, steps) => {
        await once(url, `INSERT INTO t VALUES (0, 'was there')`)
        const run = await doomed(url, { connections: [{ steps }], until, diesOf })
        await run.kill()
        await expect.poll(() => keysIn(url, 't')).toContain(1)
        await clean(run.folder, run.id)
        expect(await keysIn(url, 't')).not.toContain(1)
      },
    )

    test('a row of an XA transaction that is committed after the process died is not removed', async () => {
      const steps = [`XA START 'killed'`, insert(1), `XA END 'killed'`, `XA PREPARE 'killed'`]
      const run = await doomed(url, { connections: [{ steps }], until })
      await run.kill()
      await once(url, `XA COMMIT 'killed'`)
      await clean(run.folder, run.id)
      expect(await keysIn(url, 't')).toEqual([1])
    })
  })
