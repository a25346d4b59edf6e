import { RecordingSink } from '@dustpan/conformance/capture'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import mysql2 from 'mysql2'
import mysql from 'mysql2/promise'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { mysqlInstrument } from '../../src/capture/instrument.ts'
import { keysIn, once } from '../server.ts'

const schema = `
  CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, name varchar(50));
  CREATE TABLE u (id varchar(9) PRIMARY KEY, other varchar(9));
  CREATE TABLE moments (id timestamp PRIMARY KEY);`

for (const kind of ['mariadb', 'mysql'] as const)
  describeOn(kind, 'Statement texts', (server) => {
    let url: string
    let other: string
    let sink: RecordingSink
    let installed: Disposable
    let db: mysql.Connection
    beforeAll(async () => {
      url = await server.database(schema)
      other = new URL(await server.database(schema)).pathname.slice(1)
    })
    beforeEach(async () => {
      await once(url, `TRUNCATE t; TRUNCATE u; TRUNCATE moments; INSERT INTO t (name) VALUES ('seed')`)
      sink = new RecordingSink()
      installed = mysqlInstrument({ serves: () => true, ignoreTables: [] }).install(mysql2, sink)
      db = await mysql.createConnection({ uri: url, multipleStatements: true })
    })
    afterEach(async () => {
      await db.end()
      installed[Symbol.dispose]()
    })

    const inTest = async (...statements: readonly string[]) => {
      await sink.run('test', async () => {
        for (const statement of statements) await db.query(statement)
      })
      return sink.keys()
    }
    const warned = () => sink.warnings.map(({ code }) => code)

    describe('An INSERT behind other statements in the same text', () => {
      test.for<readonly [string, () => string]>([
        ['USE', () => `USE ${other}; INSERT INTO t (id) VALUES (1)`],
        [
          'auto_increment_increment',
          () => `SET auto_increment_increment = 5; INSERT INTO t (name) VALUES ('a'), ('b')`,
        ],
        ['sql_mode', () => `SET sql_mode = 'NO_BACKSLASH_ESCAPES'; INSERT INTO u VALUES ('a\\\\b', 'c')`],
        ['CREATE TEMPORARY TABLE', () => `CREATE TEMPORARY TABLE t (id int); INSERT INTO t VALUES (1)`],
        [
          'CREATE TABLE IF NOT EXISTS',
          () => `CREATE TABLE IF NOT EXISTS made (id int PRIMARY KEY); REPLACE INTO made VALUES (1)`,
        ],
      ])('is not tracked behind %s and warns with DUSTPAN_SQL_UNATTRIBUTED', async ([, text]) => {
        await once(url, `TRUNCATE ${other}.t`)
        expect(await inTest(text())).toEqual({})
        expect(warned()).toEqual(['DUSTPAN_SQL_UNATTRIBUTED'])
      })
      test('is tracked when autocommit is turned off and it is committed', async () => {
        expect(await inTest(`SET autocommit = 0; INSERT INTO t (name) VALUES ('a'); COMMIT`)).toEqual({ t: [2] })
      })
      test('is not tracked behind CREATE PROCEDURE, nor are the statements of its body', async () => {
        await once(url, 'DROP PROCEDURE IF EXISTS p')
        const body = `BEGIN DELETE FROM u; INSERT INTO t (id) VALUES (1); END`
        await inTest(`CREATE PROCEDURE p() ${body}; INSERT INTO t (id) VALUES (7)`)
        expect(sink.keys()).toEqual({})
      })
    })

    describe('An INSERT with comments is tracked', () => {
      test.for([
        `/*Made by O'Brien */ INSERT INTO t (name) VALUES ('a')`,
        `--\r\nINSERT INTO t (name) VALUES ('a')`,
        `/*M!999999\\- enable the sandbox mode */ INSERT INTO t (name) VALUES ('a')`,
        `/*!40000 INSERT */ INTO t (name) VALUES ('a') # ' "`,
      ])('%s', async (text) => {
        expect(await inTest(text)).toEqual({ t: [2] })
      })
    })

    describe('Literals', () => {
      test('a semicolon or comment mark in quotes does not end the values, one behind them does', async () => {
        const quoted = [`INSERT INTO u (id, other) VALUES ('a;', '--')`, `INSERT INTO u (id, other) VALUES ('b', '/*')`]
        const followed = `INSERT INTO t (name) VALUES ('a') /* ' */; INSERT INTO t (name) VALUES ('b')`
        expect(await inTest(...quoted, followed)).toEqual({ u: ['a;', 'b'], t: [2, 3] })
      })
      test('a backslash before % and _ is part of the key', async () => {
        expect(await inTest(String.raw`INSERT INTO u (id) VALUES ('\%\_\a')`)).toEqual({ u: [String.raw`\%\_a`] })
        expect(await keysIn(url, 'u')).toEqual([String.raw`\%\_a`])
      })
      test('a number in a text key is tracked only as the server stores it', async () => {
        const keys = await inTest(`INSERT INTO u (id) VALUES (007)`)
        expect(keys).toEqual(kind === 'mariadb' ? { u: ['7'] } : {})
        expect(await inTest(`INSERT INTO u (id) VALUES (70)`)).toEqual({ u: [...(keys.u ?? []), '70'] })
      })
      test('a truncated value is tracked as stored on MariaDB, and not at all on MySQL', async () => {
        const keys = await inTest(`SET sql_mode = ''`, `INSERT INTO u (id) VALUES ('0123456789')`)
        expect(keys).toEqual(kind === 'mariadb' ? { u: ['012345678'] } : {})
      })
      test('with ANSI_QUOTES double quotes delimit names, not strings', async () => {
        const keys = await inTest(`SET sql_mode = 'ANSI_QUOTES'`, `INSERT INTO u (other, id) VALUES ('x', "other")`)
        expect(keys).toEqual(kind === 'mariadb' ? { u: ['x'] } : {})
        await inTest(`INSERT INTO "u" ("id") VALUES ('kept')`, `DELETE FROM u WHERE id = "other"`)
        expect(sink.keys().u).toContain('kept')
      })
      test('a TIMESTAMP key depends on the session’s time zone: it is not tracked and warns', async () => {
        expect(await inTest(`INSERT INTO moments VALUES ('2026-01-02 03:04:05')`)).toEqual({})
        expect(warned()).toEqual(['DUSTPAN_SQL_UNATTRIBUTED'])
      })
    })

    test('rows of a temporary table created by EXECUTE are not tracked', async () => {
      const text = `PREPARE x FROM 'CREATE TEMPORARY TABLE t (id int PRIMARY KEY)'`
      expect(await inTest(text, `INSERT INTO t (name) VALUES ('a')`, 'EXECUTE x', 'INSERT INTO t VALUES (1)')).toEqual({
        t: [2],
      })
    })
    test('rows of a temporary table created in an IF block are not tracked', async ({ skip }) => {
      skip(kind === 'mysql', 'MySQL has blocks in procedures only')
      const block = `IF 1 = 1 THEN CREATE TEMPORARY TABLE t (id int PRIMARY KEY); END IF`
      expect(await inTest(`INSERT INTO t (name) VALUES ('a')`, block, 'INSERT INTO t VALUES (1)')).toEqual({ t: [2] })
    })
    test.for([
      `ANALYZE INSERT INTO t (name) VALUES ('a')`,
      `SET STATEMENT max_statement_time = 9 FOR INSERT INTO t (name) VALUES ('a')`,
    ])(
      'an INSERT in another statement is not tracked and warns with DUSTPAN_SQL_UNATTRIBUTED: %s',
      async (text, { skip }) => {
        skip(kind === 'mysql', 'MariaDB alone has such statements')
        expect(await inTest(text)).toEqual({})
        expect(warned()).toEqual(['DUSTPAN_SQL_UNATTRIBUTED'])
      },
    )
  })
