/** A REPLACE finds the rows that exist when it runs, not those of its transaction's snapshot. */
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
      ['a row that another connection inserted after the snapshot is not tracked', 'START TRANSACTION'],
      [
        'without autocommit, a row that another connection inserted after the snapshot is not tracked',
        'SET autocommit = 0',
      ],
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
      ['with a written key', `REPLACE INTO named VALUES (61, 'r@t', 'T')`],
      ['with a generated key', `REPLACE INTO named (email, name) VALUES ('r@t', 'T')`],
    ] as const)(
      'REPLACE of a row with another primary key warns with DUSTPAN_SQL_UNATTRIBUTED: %s',
      async ([, replace]) => {
        const named =
          'CREATE TABLE named (id int AUTO_INCREMENT PRIMARY KEY, email varchar(20) UNIQUE, name varchar(20))'
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
      },
    )

    test('REPLACE of an existing row tracks nothing and does not warn', async () => {
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
