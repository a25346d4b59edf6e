/** Rows are found again whatever the settings of the test's own connection. */
import { RecordingSink, targetOf } from '@dustpan/conformance/capture'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import mysql2 from 'mysql2'
import mysql from 'mysql2/promise'
import { expect, test } from 'vitest'
import { mysqlInstrument } from '../../src/capture/instrument.ts'
import { keysIn, once } from '../server.ts'
import { connect, remove } from './harness.ts'

for (const kind of ['mariadb', 'mysql'] as const)
  describeOn(kind, 'The test’s own connection', (server) => {
    const schema = `CREATE TABLE people (email varchar(20) PRIMARY KEY); INSERT INTO people VALUES ('old')`
    const nameOf = (url: string) => new URL(url).pathname.slice(1)

    async function insertedBy(options: mysql.ConnectionOptions, sql: string) {
      const sink = new RecordingSink()
      using _ = mysqlInstrument({ serves: () => true, ignoreTables: [] }).install(mysql2, sink)
      const db = await mysql.createConnection(options)
      await sink.run('test', () => db.query(sql))
      await db.end()
      return sink.records
    }

    test('rows inserted by a connection without a database are removed', async () => {
      const url = await server.database(schema)
      const records = await insertedBy({ uri: server.url }, `INSERT INTO ${nameOf(url)}.people VALUES ('a')`)
      expect(records).toMatchObject([{ store: { id: expect.stringMatching(/\/#/) } }])
      await using connection = await connect(url, {}, records[0]?.store.id)
      expect(connection.store).toBe(records[0]?.store.id)
      expect(await remove(connection, records.map(targetOf))).toEqual(['1 row'])
      expect(await keysIn(url, 'people', 'email')).toEqual(['old'])
    })

    test('rows inserted through a Unix socket are removed through the server’s port', async () => {
      const url = await server.database(schema)
      const [row] = await once(url, 'SELECT @@socket AS path')
      const options = { socketPath: String(row?.path), user: 'root', database: nameOf(url) }
      const records = await insertedBy(options, `INSERT INTO people VALUES ('a')`)
      await using connection = await connect(url, {}, records[0]?.store.id)
      expect(await remove(connection, records.map(targetOf))).toEqual(['1 row'])
    })

    test('a key of two columns is tracked in a session with sql_select_limit = 1', async () => {
      const url = await server.database('CREATE TABLE pairs (a int, b int, v int, PRIMARY KEY (a, b))')
      const sink = new RecordingSink()
      using _ = mysqlInstrument({ serves: () => true, ignoreTables: [] }).install(mysql2, sink)
      const db = await mysql.createConnection(url)
      await db.query('SET sql_select_limit = 1')
      await sink.run('test', () => db.query('INSERT INTO pairs VALUES (1, 2, 3)'))
      await db.end()
      expect(sink.keys()).toEqual({ pairs: [[1, 2]] })
    })
  })
