/** What a REPLACE finds is what is there when it is done, not what a transaction saw. */
import { RecordingSink } from '@dustpan/conformance/capture'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import mysql2 from 'mysql2'
import mysql from 'mysql2/promise'
import { expect, test } from 'vitest'
import { mysqlInstrument } from '../../src/capture/instrument.ts'
import { once } from '../server.ts'

for (const kind of ['mariadb', 'mysql'] as const)
  describeOn(kind, 'REPLACE in a transaction', (server) => {
    const schema =
      'CREATE TABLE people (email varchar(20) PRIMARY KEY, name varchar(20)); CREATE TABLE other (id int PRIMARY KEY)'

    test.for([
      ['a row that came after the snapshot is not the test’s', 'START TRANSACTION'],
      ['the same without autocommit', 'SET autocommit = 0'],
    ] as const)('%s', async ([, begin]) => {
      const url = await server.database(schema)
      const sink = new RecordingSink()
      using _ = mysqlInstrument({ serves: () => true, ignoreTables: [] }).install(mysql2, sink)
      const db = await mysql.createConnection(url)
      await sink.run('test', async () => {
        await db.query(begin)
        await db.query('SELECT COUNT(*) FROM people')
        await sink.untracked(() => once(url, `INSERT INTO people VALUES ('r@x', 'theirs')`))
        await db.query(`REPLACE INTO people VALUES ('r@x', 'theirs')`)
        await db.query('COMMIT')
      })
      await db.end()
      expect(sink.keys()).toEqual({})
      expect(sink.warnings).toMatchObject([
        { code: 'DUSTPAN_SQL_UNATTRIBUTED', subject: expect.stringMatching(/\.people /) },
      ])
    })

    test('a row whose place it takes is no creation, and needs no warning', async () => {
      const url = await server.database(`${schema}; INSERT INTO people VALUES ('r@x', 'old')`)
      const sink = new RecordingSink()
      using _ = mysqlInstrument({ serves: () => true, ignoreTables: [] }).install(mysql2, sink)
      const db = await mysql.createConnection(url)
      await sink.run('test', async () => {
        await db.beginTransaction()
        await db.query(`REPLACE INTO people VALUES ('r@x', 'new')`)
        await db.commit()
      })
      await db.end()
      expect([sink.keys(), sink.warnings]).toEqual([{}, []])
    })
  })
