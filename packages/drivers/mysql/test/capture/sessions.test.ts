import { createRequire } from 'node:module'
import { RecordingSink } from '@dustpan/conformance/capture'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import mysql2 from 'mysql2'
import mysql from 'mysql2/promise'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { captureClient, mysqlInstrument } from '../../src/capture/instrument.ts'
import { capture } from '../../src/index.ts'
import { keysIn, once } from '../server.ts'

const schema = `
  CREATE TABLE t (id int AUTO_INCREMENT PRIMARY KEY, name varchar(50));
  CREATE TABLE u (id varchar(9) PRIMARY KEY, t int);
  CREATE TABLE ignored (id int AUTO_INCREMENT PRIMARY KEY);`

for (const kind of ['mariadb', 'mysql'] as const)
  describeOn(kind, 'Capture of sessions', (server) => {
    let url: string
    let sink: RecordingSink
    let installed: Disposable
    let db: mysql.Connection
    beforeAll(async () => {
      url = await server.database(schema)
    })
    beforeEach(async () => {
      await once(url, 'TRUNCATE t; TRUNCATE u')
      sink = new RecordingSink()
      installed = mysqlInstrument({ serves: () => true, ignoreTables: ['ignored'] }).install(mysql2, sink)
      db = await mysql.createConnection({ uri: url, multipleStatements: true })
    })
    afterEach(async () => {
      await db.end()
      installed[Symbol.dispose]()
    })

    const insert = (name: string) => `INSERT INTO t (name) VALUES ('${name}')`
    const inTest = async (...statements: readonly string[]) => {
      await sink.run('test', async () => {
        for (const statement of statements) await db.query(statement)
      })
      return sink.keys()
    }

    describe('Transactions', () => {
      test.for([
        ['a rolled back row is not tracked', ['START TRANSACTION', insert('a'), 'ROLLBACK'], {}],
        ['a committed row is tracked', ['BEGIN', insert('a'), 'COMMIT'], { t: [1] }],
        [
          'rows after a savepoint are not tracked when it is rolled back to',
          [
            'BEGIN',
            insert('a'),
            'SAVEPOINT x',
            insert('b'),
            'SAVEPOINT y',
            insert('c'),
            'ROLLBACK TO x',
            insert('d'),
            'COMMIT',
          ],
          { t: [1, 4] },
        ],
        [
          'a savepoint replaces one of the same name in another case',
          ['BEGIN', 'SAVEPOINT X', insert('a'), 'SAVEPOINT x', insert('b'), 'ROLLBACK TO SAVEPOINT x', 'COMMIT'],
          { t: [1] },
        ],
        [
          'a statement on the schema commits earlier rows',
          ['BEGIN', insert('a'), 'CREATE TABLE IF NOT EXISTS extra (id int)', insert('b'), 'ROLLBACK'],
          { t: [1, 2] },
        ],
        ['a second BEGIN commits earlier rows', ['BEGIN', insert('a'), 'BEGIN', insert('b'), 'ROLLBACK'], { t: [1] }],
        [
          'without autocommit, only committed rows are tracked',
          ['SET autocommit = 0', insert('a'), 'ROLLBACK', insert('b'), 'SET autocommit = 1'],
          { t: [2] },
        ],
        [
          'COMMIT AND CHAIN begins another transaction',
          ['BEGIN', insert('a'), 'COMMIT AND CHAIN', insert('b'), 'ROLLBACK'],
          { t: [1] },
        ],
        [
          'several transactions in one text track committed rows only',
          [`BEGIN; ${insert('a')}; COMMIT; BEGIN; ${insert('b')}; ROLLBACK; ${insert('c')}`],
          { t: [1, 3] },
        ],
      ] as const)('%s', async ([, statements, keys]) => {
        expect(await inTest(...statements)).toEqual(keys)
        expect(await keysIn(url, 't')).toEqual('t' in keys ? keys.t : [])
      })

      test('a row of an open transaction is recorded as open, and as rolled back when the connection is lost', async () => {
        const other = await mysql.createConnection(url)
        await sink.run('test', async () => {
          await other.beginTransaction()
          await other.query(insert('a'))
        })
        expect(sink.records).toMatchObject([{ key: 1, state: 'open' }])
        expect(sink.settled).toEqual(['open'])
        other.destroy()
        await expect.poll(() => sink.settled).toEqual(['rolled-back'])
        expect(sink.keys()).toEqual({})
      })

      test('a deadlock rolls back every row of the transaction', async () => {
        await once(url, `INSERT INTO t (name) VALUES ('x'), ('y')`)
        const other = await mysql.createConnection(url)
        await sink.run('test', () => db.query(`BEGIN; ${insert('mine')}; UPDATE t SET name = 'b' WHERE id = 1`))
        await other.query(`BEGIN`)
        await other.query(`UPDATE t SET name = REPEAT('c', 40) WHERE id = 2`)
        for (let n = 0; n < 40; n++) await other.query(`INSERT INTO u VALUES ('d${n}', 1)`)
        const theirs = other.query('UPDATE t SET name = 1 WHERE id = 1').catch((error: Error) => error)
        await expect(sink.run('test', () => db.query('UPDATE t SET name = 2 WHERE id = 2'))).rejects.toThrow(/Deadlock/)
        await theirs
        await other.end()
        await sink.run('test', () => db.query(insert('later')))
        expect(sink.keys()).toEqual({ t: [4] })
      })
    })

    describe('Records after the user’s own DELETE', () => {
      test.for([
        ['by key', `DELETE FROM t WHERE id = 1`, { t: [2, 3] }],
        ['by keys', 'DELETE FROM t WHERE t.id IN (1, 3)', { t: [2] }],
        ['TRUNCATE', 'TRUNCATE TABLE t', {}],
        ['rolled back', 'BEGIN; DELETE FROM t WHERE id = 1; ROLLBACK', { t: [1, 2, 3] }],
        ['committed', 'BEGIN; DELETE FROM t WHERE id = 1; COMMIT', { t: [2, 3] }],
      ] as const)('%s', async ([, statement, keys]) => {
        await inTest(insert('a'), insert('b'), insert('c'))
        expect(await inTest(statement)).toEqual(keys)
      })

      test('a DELETE by any condition ends the records of the rows it deleted', async () => {
        await inTest(`INSERT INTO t (name) VALUES ('a'), ('b'), ('c')`)
        const [result] = await sink.run('test', () =>
          db.query(`DELETE FROM t WHERE name > 'a' ORDER BY id LIMIT 5 -- all`),
        )
        expect(result).toMatchObject({ affectedRows: 2, insertId: 0, info: '' })
        expect(sink.keys()).toEqual({ t: [1] })
        await sink.run('test', () => db.execute('DELETE FROM t WHERE name = ?', ['a']))
        expect(sink.keys()).toEqual({})
      })
    })

    describe('Clients', () => {
      test('fifty tests that share a pool of two connections each track their own row', async () => {
        const pool = mysql.createPool({ uri: url, connectionLimit: 2 })
        await Promise.all(
          Array.from({ length: 50 }, (_, n) =>
            sink.run(`test ${n}`, () =>
              n % 2 ? pool.query(insert(`n${n}`)) : pool.execute('INSERT INTO t (name) VALUES (?)', [`n${n}`]),
            ),
          ),
        )
        await pool.end()
        const rows = await once(url, 'SELECT id, name FROM t')
        for (const { id, name } of rows) expect(sink.keys(`test ${String(name).slice(1)}`)).toEqual({ t: [id] })
        expect(rows).toHaveLength(50)
      })

      test('queries sent from callbacks and event listeners belong to the scope of their caller', async () => {
        const plain = mysql2.createConnection({ uri: url })
        const done = Promise.withResolvers<void>()
        sink.run('test', () =>
          plain.query(insert('a'), () => {
            plain.execute(insert('b'), () =>
              plain.query(insert('c')).on('end', () => plain.query(insert('d')).on('end', () => done.resolve())),
            )
          }),
        )
        await done.promise
        await new Promise((resolve) => plain.end(resolve))
        expect(sink.keys('test')).toEqual({ t: [1, 2, 3, 4] })
      })

      test('queued queries keep their order, and streams yield all results', async () => {
        await sink.run('test', async () => {
          const inserted = db.query(insert('a'))
          const seen = db.query('SELECT COUNT(*) AS n FROM t')
          await inserted
          expect((await seen)[0]).toEqual([{ n: 1 }])
        })
        const names: unknown[] = []
        for await (const row of mysqlStream(`${insert('b')}; SELECT name FROM t ORDER BY id`)) names.push(row)
        expect(names).toMatchObject([{ affectedRows: 1 }, { name: 'a' }, { name: 'b' }])
      })

      const mysqlStream = (sql: string) =>
        sink.run('test', () => (db as unknown as { connection: mysql2.Connection }).connection.query(sql).stream())

      test('a connection and a pool of another copy of mysql2 are captured by captureClient()', async () => {
        const require = createRequire(import.meta.url)
        const before = { ...require.cache }
        for (const path of Object.keys(require.cache)) if (path.includes('mysql2')) delete require.cache[path]
        const copy = require('mysql2') as typeof mysql2
        Object.assign(require.cache, before)
        const [connection, pool] = [copy.createConnection(url).promise(), copy.createPool(url).promise()]
        await sink.run('unseen', () => connection.query(insert('a')))
        expect(sink.keys('unseen')).toEqual({})
        using _one = captureClient(connection, sink)
        using _many = captureClient(pool, sink)
        await sink.run('seen', () => connection.query(insert('b')))
        await sink.run('seen', () => pool.query(insert('c')))
        await connection.end()
        await pool.end()
        expect(sink.keys('seen')).toEqual({ t: [2, 3] })
      })

      test('a connection given to captureClient() still ignores the tables of the configuration', async () => {
        await using connection = await mysql.createConnection(url)
        captureClient(connection, sink)
        await sink.run('test', () => connection.query('INSERT INTO ignored VALUES (NULL)'))
        await sink.run('test', () => connection.query(insert('a')))
        expect(sink.keys('test')).toEqual({ t: [1] })
      })

      test('ignoreTables of an instance does not apply to a database that another instance leads to', async () => {
        const named = { serves: () => true, leadsTo: () => true, ignoreTables: [] }
        using _ = mysqlInstrument(named).install(mysql2, sink)
        expect(Object.keys(await inTest('INSERT INTO ignored VALUES (NULL)'))).toEqual(['ignored'])
      })

      test('DUSTPAN_INVALID_ARGUMENT: capture() accepts only a connection or a pool', () => {
        expect(() => capture({})).toThrow(expect.objectContaining({ code: 'DUSTPAN_INVALID_ARGUMENT' }))
        expect(capture(db)).toBe(db)
      })

      test('nothing is tracked once the instrument is disposed', async () => {
        installed[Symbol.dispose]()
        expect(await inTest(insert('a'))).toEqual({})
        expect(await inTest(insert('b'))).toEqual({})
      })

      test('rows of ignored tables are not tracked and write no intent', async () => {
        expect(await inTest('INSERT INTO ignored VALUES (NULL)')).toEqual({})
        expect(sink.intents).toEqual([])
      })

      test('a table that is ignored by its name alone is ignored in every database', async () => {
        const other = new URL(await server.database(schema)).pathname.slice(1)
        expect(await inTest(`INSERT INTO ${other}.ignored VALUES (NULL)`)).toEqual({})
        installed[Symbol.dispose]()
        installed = mysqlInstrument({ serves: () => true, ignoreTables: [`${other}.ignored`] }).install(mysql2, sink)
        await using connection = await mysql.createConnection(url)
        await sink.run('test', () => connection.query(`INSERT INTO ${other}.ignored VALUES (NULL)`))
        await sink.run('test', () => connection.query('INSERT INTO ignored VALUES (NULL)'))
        expect(Object.keys(sink.keys())).toEqual(['ignored'])
      })

      test('changeUser() rolls back the open transaction', async () => {
        await inTest('BEGIN', insert('a'))
        await db.changeUser({})
        expect(await inTest(insert('b'))).toEqual({ t: [2] })
      })
    })
  })
