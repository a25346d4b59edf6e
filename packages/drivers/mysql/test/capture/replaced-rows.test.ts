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

    test.for([
      ['by a key of its own', `REPLACE INTO named VALUES (61, 'r@t', 'T')`],
      ['by a number that the server gives', `REPLACE INTO named (email, name) VALUES ('r@t', 'T')`],
    ] as const)('a row that takes the place of one with another unique key is told of: %s', async ([, replace]) => {
      const named = 'CREATE TABLE named (id int AUTO_INCREMENT PRIMARY KEY, email varchar(20) UNIQUE, name varchar(20))'
      for (const begin of ['SELECT 1', 'BEGIN']) {
        const sink = new RecordingSink()
        using _ = mysqlInstrument({ serves: () => true, ignoreTables: [] }).install(mysql2, sink)
        const db = await mysql.createConnection(await server.database(named))
        await sink.run('test', async () => {
          await db.query(`INSERT INTO named VALUES (60, 'r@t', 'T')`)
          await db.query(begin)
          await db.query(replace)
          await db.query('COMMIT')
        })
        await db.end()
        expect(sink.warnings).toMatchObject([
          { code: 'DUSTPAN_SQL_UNATTRIBUTED', message: expect.stringContaining('does not tell which rows are new') },
        ])
      }
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
