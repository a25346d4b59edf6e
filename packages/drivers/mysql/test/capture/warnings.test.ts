/** An untracked row gives one warning for each table and reason. */
import { Readable } from 'node:stream'
import { RecordingSink } from '@dustpan/conformance/capture'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import mysql2 from 'mysql2'
import mysql from 'mysql2/promise'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { mysqlInstrument } from '../../src/capture/instrument.ts'
import { once } from '../server.ts'

const schema = `
  CREATE TABLE ev (id timestamp PRIMARY KEY, who varchar(9));
  CREATE TABLE mixed (id int PRIMARY KEY, who varchar(9));
  CREATE TABLE a (id int PRIMARY KEY, who varchar(9));
  CREATE TABLE b (id int PRIMARY KEY, who varchar(9) UNIQUE);`

for (const kind of ['mariadb', 'mysql'] as const)
  describeOn(kind, 'Warnings', (server) => {
    let urls: readonly [string, string]
    let sink: RecordingSink
    let installed: Disposable
    beforeEach(async () => {
      urls = [await server.database(schema), await server.database(schema)]
      await once(urls[0], 'SET GLOBAL local_infile = 1')
      sink = new RecordingSink()
      installed = mysqlInstrument({ serves: () => true, ignoreTables: [] }).install(mysql2, sink)
    })
    afterEach(() => installed[Symbol.dispose]())

    async function inTest(url: string, ...statements: readonly (string | mysql.QueryOptions)[]): Promise<void> {
      const db = await mysql.createConnection(url)
      await sink.run('test', async () => {
        for (const statement of statements) await db.query(statement as string)
      })
      await db.end()
    }

    const messages = () => sink.warnings.map(({ message }) => message.replace(/\w+\.(?=mixed)/, '')).sort()

    const databaseOf = (url: string) => new URL(url).pathname.slice(1)

    test('tables of the same name in two databases give one warning each', async () => {
      for (const url of urls) await inTest(url, `INSERT INTO ev VALUES ('2026-01-01', 'test')`)
      expect(sink.warnings).toMatchObject(
        urls.map((url) => ({
          code: 'DUSTPAN_SQL_UNATTRIBUTED',
          message: expect.stringContaining(`${databaseOf(url)}.ev `),
        })),
      )
    })

    test('each reason gives a warning for the table, a repeated one does not', async () => {
      const upsert = `INSERT INTO mixed VALUES (1, 'x') ON DUPLICATE KEY UPDATE who = 'y'`
      await inTest(
        urls[0],
        `INSERT INTO mixed VALUES (1, 'x'), (2, 'x')`,
        ...[upsert, upsert, `REPLACE INTO mixed VALUES (1, 'x'), (9, 'x')`],
        ...['BEGIN', 'TRUNCATE mixed', `INSERT INTO mixed VALUES (3, 'x')`],
      )
      expect(messages()).toEqual([
        expect.stringMatching(/^INSERT … ON DUPLICATE KEY UPDATE into mixed/),
        expect.stringMatching(/^REPLACE into mixed/),
        expect.stringMatching(/^Rows of mixed may be/),
      ])
    })

    const load = (table: string, rows: string, more = ''): mysql.QueryOptions => ({
      sql: `LOAD DATA LOCAL INFILE 'x' ${more} INTO TABLE ${table} FIELDS TERMINATED BY ',' (id, who)`,
      infileStreamFactory: () => Readable.from([Buffer.from(rows)]),
    })

    test('LOAD DATA LOCAL gives one warning for each table', async () => {
      await inTest(urls[0], load('a', '1,test\n8,test\n'), load('b', '1,test\n'), load('b', '2,test\n'))
      await inTest(urls[1], load('a', '1,test\n'))
      const [one, other] = urls.map(databaseOf)
      expect(sink.warnings).toMatchObject(
        [`${one}.a`, `${one}.b`, `${other}.a`].map((table) => ({
          code: 'DUSTPAN_SQL_UNATTRIBUTED',
          message: expect.stringContaining(`LOAD DATA writes into ${table} are`),
        })),
      )
    })

    test('LOAD DATA LOCAL without rows gives no warning', async () => {
      await inTest(urls[0], load('a', ''))
      expect(sink.warnings).toEqual([])
    })

    test('a row that LOAD DATA … REPLACE may have replaced is not tracked when it is inserted again', async () => {
      await once(urls[0], `INSERT INTO b VALUES (1, 'other')`)
      await inTest(urls[0], load('b', '7,other\n', 'REPLACE'), `INSERT INTO b VALUES (1, 'old')`)
      expect(sink.keys()).toEqual({})
    })
  })
