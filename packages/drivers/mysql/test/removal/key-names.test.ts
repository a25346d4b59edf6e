/** A record names no other row after the columns of its key were renamed. */
import { RecordingSink, targetOf } from '@dustpan/conformance/capture'
import { describeOn } from '@dustpan/conformance/servers/describe-on'
import mysql2 from 'mysql2'
import mysql from 'mysql2/promise'
import { expect, test } from 'vitest'
import { mysqlInstrument } from '../../src/capture/instrument.ts'
import { once } from '../server.ts'
import { connect, remove } from './harness.ts'

const schema = `
  CREATE TABLE t (id int PRIMARY KEY, nid int NOT NULL UNIQUE, who varchar(20));
  CREATE TABLE pairs (a int, b int, who varchar(20), PRIMARY KEY (a, b));
  CREATE TABLE codes (code int NOT NULL, nid int NOT NULL, who varchar(20), UNIQUE one (code), UNIQUE two (nid));
  INSERT INTO t VALUES (1, 5, 'other'), (2, 6, 'other');
  INSERT INTO pairs VALUES (2, 1, 'other');
  INSERT INTO codes VALUES (1, 5, 'other');`

for (const kind of ['mariadb', 'mysql'] as const)
  describeOn(kind, 'Renamed key columns', (server) => {
    async function inserted(url: string, sql: string) {
      const sink = new RecordingSink()
      using _ = mysqlInstrument({ serves: () => true, ignoreTables: [] }).install(mysql2, sink)
      const db = await mysql.createConnection(url)
      await sink.run('test', () => db.query(sql))
      await db.end()
      return sink.records
    }

    const others = (url: string, table: string) => once(url, `SELECT COUNT(*) AS n FROM ${table} WHERE who = 'other'`)

    const swaps = [
      ['t', `(5, 9, 'test')`, 2, 'ALTER TABLE t RENAME COLUMN id TO old_id; ALTER TABLE t RENAME COLUMN nid TO id'],
      ['pairs', `(1, 2, 'test')`, 1, 'ALTER TABLE pairs RENAME COLUMN a TO b, RENAME COLUMN b TO a'],
      ['codes', `(5, 9, 'test')`, 1, 'ALTER TABLE codes RENAME COLUMN code TO nid, RENAME COLUMN nid TO code'],
      [
        't',
        `(5, 9, 'test')`,
        2,
        'ALTER TABLE t CHANGE id nid int NOT NULL, CHANGE nid id int NOT NULL; ALTER TABLE t DROP PRIMARY KEY, ADD PRIMARY KEY (id)',
      ],
    ] as const

    test.for(swaps)(
      'DUSTPAN_NOT_OURS: a row of %s %s is not removed after its key columns were swapped',
      async ([table, row, there, change]) => {
        const url = await server.database(schema)
        const [mine] = await inserted(url, `INSERT INTO ${table} VALUES ${row}`)
        await using connection = await connect(url)
        await once(url, change)
        expect(await remove(connection, [targetOf(mine as never)])).toEqual(['DUSTPAN_NOT_OURS'])
        expect(await others(url, table)).toEqual([{ n: there }])
      },
    )

    test.for(swaps)(
      'DUSTPAN_NOT_OURS: a row of %s %s is not removed when the columns are swapped on a used connection',
      async ([table, row, there, change]) => {
        const url = await server.database(schema)
        const [mine] = await inserted(url, `INSERT INTO ${table} VALUES ${row}`)
        const [first] = await inserted(url, `INSERT INTO ${table} VALUES (70, 70, 'test')`)
        await using connection = await connect(url)
        expect(await remove(connection, [targetOf(first as never)])).toEqual(['1 row'])
        await once(url, change)
        expect(await remove(connection, [targetOf(mine as never)])).toEqual(['DUSTPAN_NOT_OURS'])
        expect(await others(url, table)).toEqual([{ n: there }])
      },
    )

    test('DUSTPAN_NOT_OURS: a row that is not found after a rename is not reported as gone', async () => {
      const url = await server.database(schema)
      const [mine] = await inserted(url, `INSERT INTO t VALUES (70, 71, 'test')`)
      await once(url, 'ALTER TABLE t RENAME COLUMN id TO nid, RENAME COLUMN nid TO id')
      await using connection = await connect(url)
      expect(await remove(connection, [targetOf(mine as never)])).toEqual(['DUSTPAN_NOT_OURS'])
    })

    test.for(['t', 'pairs', 'codes'])('a row of %s is removed after another column was renamed', async (table) => {
      const url = await server.database(schema)
      const [mine] = await inserted(url, `INSERT INTO ${table} VALUES (5, 9, 'test')`)
      await once(url, `ALTER TABLE ${table} RENAME COLUMN who TO whose`)
      await using connection = await connect(url)
      expect(await remove(connection, [targetOf(mine as never)])).toEqual(['1 row'])
    })
  })
