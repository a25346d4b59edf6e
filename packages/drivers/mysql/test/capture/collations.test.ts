/** A row that was there, and comes again under a key that its collation knows as the same. */
import { RemovedSink } from '@dustpan/conformance/capture'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import mysql2 from 'mysql2'
import mysql from 'mysql2/promise'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { forgetDoubts } from '../../src/capture/doubtful-keys.ts'
import { mysqlInstrument } from '../../src/capture/instrument.ts'
import { once } from '../server.ts'

for (const kind of ['mariadb', 'mysql'] as const)
  describeOn(kind, 'Keys that a collation knows as one', (server) => {
    let url: string
    let sink: RemovedSink
    let installed: Disposable
    let db: mysql.Connection
    beforeEach(async () => {
      forgetDoubts()
      const table = (name: string, collation: string) =>
        `CREATE TABLE ${name} (k varchar(20) COLLATE ${collation}, n int, PRIMARY KEY (k, n)) CHARSET utf8mb4;`
      url = await server.database(
        table('t', 'utf8mb4_unicode_ci') + table('exact', 'utf8mb4_bin') + table('lt', 'utf8mb4_lithuanian_ci'),
      )
      sink = new RemovedSink()
      installed = mysqlInstrument({ serves: () => true, ignoreTables: [] }).install(mysql2, sink)
      db = await mysql.createConnection(url)
    })
    afterEach(async () => {
      await db.end()
      installed[Symbol.dispose]()
    })

    async function putBack(table: string, there: string, again: string, ...more: readonly string[]) {
      await once(url, `INSERT INTO ${table} VALUES ('${there}', 0)`)
      await sink.run('test', async () => {
        await db.query(`DELETE FROM ${table} WHERE k = ?`, [again])
        for (const name of [again, ...more]) await db.query(`INSERT INTO ${table} VALUES (?, 0)`, [name])
      })
    }

    test.for([
      ['t', 'straße', 'strasse'],
      ['t', 'strasse', 'straße'],
      ['t', 'été', 'ete'],
      ['t', 'a\u0001b', 'ab'],
      ['t', 'Bob ', 'bOB'],
      ['lt', 'yla', 'ila'],
    ])('in %s, %s comes as %s', async ([table = '', there = '', again = '']) => {
      const [row] = await once(url, `SELECT '${there}' = '${again}' COLLATE utf8mb4_unicode_ci AS same`)
      expect(table === 'lt' || row?.same).toBeTruthy()
      await putBack(table, there, again)
      expect(sink.keys()).toEqual({})
    })

    test('letters without a weight', async () => {
      await once(url, `INSERT INTO t VALUES ('🍕', 0)`)
      await sink.run('test', async () => {
        await db.query(`DELETE FROM t WHERE n = 0`)
        await db.query(`INSERT INTO t VALUES ('😀', 0)`)
      })
      expect(sink.keys()).toEqual({})
      expect(sink.warnings).toMatchObject([{ code: 'DUSTPAN_SQL_UNATTRIBUTED' }])
    })

    test('others are the test’s', async () => {
      await putBack('t', 'été', 'ete', 'bob', 'moon')
      expect(sink.keys()).toEqual({
        t: [
          ['bob', 0],
          ['moon', 0],
        ],
      })
    })

    test('by its letters alone there is one of a key', async () => {
      await once(url, `INSERT INTO exact VALUES ('a', 0), ('🍕', 0)`)
      await sink.run('test', async () => {
        await db.query('DELETE FROM exact WHERE n = 0')
        await db.query(`INSERT INTO exact VALUES ('A', 0), ('😀', 0), ('a', 0)`)
      })
      expect(sink.keys()).toEqual({
        exact: [
          ['A', 0],
          ['😀', 0],
        ],
      })
    })
  })
