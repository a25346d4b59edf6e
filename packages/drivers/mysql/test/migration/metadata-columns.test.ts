import { RecordingSink, targetOf } from '@dustpan/conformance/capture'
import { driverContext } from '@dustpan/conformance/drivers/driver'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import type { TableMigration } from '@dustpan/core/driver'
import mysql2 from 'mysql2'
import mysql from 'mysql2/promise'
import { expect, test } from 'vitest'
import { mysqlInstrument } from '../../src/capture/instrument.ts'
import { createDriver } from '../../src/driver.ts'
import { connect, ctx, remove } from '../removal/harness.ts'
import { once } from '../server.ts'

const names = { run: 'test_run_id', createdByTest: 'created_by_test', createdAt: 'test_created_at' }
const run = '20261121-120000-abcdef'
const users = 'CREATE TABLE users (id int AUTO_INCREMENT PRIMARY KEY, name varchar(50) UNIQUE)'
const marks = `SELECT test_run_id AS run, created_by_test AS test, test_created_at IS NULL AS undated FROM users ORDER BY id`

for (const kind of ['mariadb', 'mysql'] as const)
  describeOn(kind, 'Metadata columns', (server) => {
    async function migration(url: string, tables?: readonly string[]): Promise<readonly TableMigration[]> {
      const driver = createDriver('main', { url }, driverContext(import.meta.dirname))
      return (await driver.migration?.plan(tables, names, ctx)) ?? []
    }

    async function migrate(url: string): Promise<void> {
      for (const { sql } of await migration(url)) for (const statement of sql) await once(url, statement)
    }

    test('the planned SQL completes a table, and a later plan contains only what is missing', async () => {
      const url = await server.database(`${users}; INSERT INTO users (name) VALUES ('old')`)
      expect(await migration(url)).toMatchObject([{ table: 'users', lacks: ['columns', 'default', 'index'] }])
      await migrate(url)
      expect(await migration(url)).toEqual([{ table: 'users', lacks: [], sql: [] }])
      await once(url, 'DROP INDEX users_test_run_id ON users')
      expect(await migration(url)).toMatchObject([{ lacks: ['index'] }])
      await expect(migration(url, ['missing'])).rejects.toMatchObject({ code: 'DUSTPAN_INVALID_ARGUMENT' })
    })

    test('only rows of the test are marked, and SELECT * does not return the columns', async () => {
      const url = await server.database(`${users}; INSERT INTO users (name) VALUES ('old')`)
      await migrate(url)
      const sink = Object.assign(new RecordingSink(), { marker: { run, columns: names } })
      using _installed = mysqlInstrument({ serves: () => true, ignoreTables: [] }).install(mysql2, sink)
      const db = await mysql.createConnection(url)
      await sink.run('test', async () => {
        await db.query(`INSERT INTO users VALUES (NULL, 'a'), (NULL, 'b')`)
        await db.execute('INSERT INTO users (name) VALUES (?)', ['c'])
        const [rows] = await db.query('SELECT * FROM users WHERE id = 2')
        expect(rows).toEqual([{ id: 2, name: 'a' }])
      })
      await db.end()
      await once(url, `INSERT INTO users (name) VALUES ('stranger')`)
      const [marked, unmarked] = [
        { run, test: 1, undated: 0 },
        { run: null, test: 0, undated: 1 },
      ]
      expect(await once(url, marks)).toEqual([{ ...unmarked, test: null }, marked, marked, marked, unmarked])
      expect(sink.keys()).toEqual({ users: [2, 3, 4] })
      expect(sink.records.map(({ proof }) => proof)).toMatchObject(
        Array(3).fill({ match: { test_run_id: run }, strength: 'exact' }),
      )
    })

    const overwrites = [
      ['one row', `REPLACE INTO users (id, name) VALUES (1, 'old')`],
      ['several rows', `REPLACE INTO users (id, name) VALUES (1, 'old'), (9, 'new')`],
      ['by a unique key', `REPLACE INTO users (name) VALUES ('old')`],
      ['by REPLACE … SELECT', `REPLACE INTO users (id, name) SELECT id, name FROM users WHERE name = 'old'`],
      [
        'beside another statement',
        `INSERT IGNORE INTO users (name) VALUES ('b'); REPLACE INTO users (id, name) VALUES (1, 'old')`,
      ],
      ['by a procedure', 'CALL replacing()'],
      ['by a prepared text', `PREPARE p FROM "REPLACE INTO users (id, name) VALUES (1, 'old')"; EXECUTE p`],
      [
        'by an upsert',
        `INSERT INTO users (id, name) VALUES (1, 'old'), (9, 'c') ON DUPLICATE KEY UPDATE name = VALUES(name)`,
      ],
    ] as const
    test.each(overwrites)('an existing row that the test overwrites gets no mark: %s', async (_, sql) => {
      const url = await server.database(
        `${users}; INSERT INTO users (name) VALUES ('old'); CREATE PROCEDURE replacing() REPLACE INTO users (id, name) VALUES (1, 'old')`,
      )
      await migrate(url)
      const sink = Object.assign(new RecordingSink(), { marker: { run, columns: names } })
      using _installed = mysqlInstrument({ serves: () => true, ignoreTables: [] }).install(mysql2, sink)
      const db = await mysql.createConnection({ uri: url, multipleStatements: true })
      const insert = (name: string) => sink.run('test', () => db.query('INSERT INTO users (name) VALUES (?)', [name]))
      await insert('a')
      await sink.run('test', () => db.query(sql))
      await insert('z')
      await db.query(sql)
      await db.end()
      const found = `SELECT name FROM users WHERE test_run_id = '${run}' AND name IN ('a', 'old', 'z') ORDER BY name`
      expect(await once(url, found)).toEqual([{ name: 'a' }, { name: 'z' }])
    })

    test('a row on record keeps its mark when the test overwrites it, and is removed', async () => {
      const url = await server.database(users)
      await migrate(url)
      const sink = Object.assign(new RecordingSink(), { marker: { run, columns: names } })
      using _installed = mysqlInstrument({ serves: () => true, ignoreTables: [] }).install(mysql2, sink)
      const db = await mysql.createConnection(url)
      await sink.run('test', async () => {
        await db.query(`INSERT INTO users (name) VALUES ('a'), ('b')`)
        await db.query(`REPLACE INTO users (id, name) VALUES (1, 'a2'), (2, 'b2')`)
        await db.query(`REPLACE INTO users (id, name) VALUES (3, 'c')`)
      })
      await db.end()
      expect((await once(url, marks)).map(({ run }) => run)).toEqual([run, run, null])
      await using connection = await connect(url)
      expect(await remove(connection, sink.records.map(targetOf))).toEqual(['1 row', '1 row', '1 row'])
    })

    test('DUSTPAN_NOT_OURS: a row with the mark of another run is not removed', async () => {
      const url = await server.database(users)
      await migrate(url)
      await once(url, `INSERT INTO users (name, test_run_id) VALUES ('a', '${run}'), ('b', 'another')`)
      await using connection = await connect(url)
      const removal = { driver: 'main', op: 'delete-row', v: 1, args: { table: 'users', columns: ['id'] } }
      const proof = { match: { test_run_id: run }, strength: 'exact' } as const
      const targets = [1, 2].map((key) => ({ id: `s.${key}`, type: 'users', key, removal, proof, createdAt: 0 }))
      expect(await remove(connection, targets)).toEqual(['1 row', 'DUSTPAN_NOT_OURS'])
    })
  })
