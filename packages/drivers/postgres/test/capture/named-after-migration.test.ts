import { RecordingSink } from '@dustpan/conformance/capture'
import { testServer } from '@dustpan/conformance/servers/test-server'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { pgInstrument } from '../../src/capture/instrument.ts'

const server = await testServer()
const insert = { name: 'insert', text: 'INSERT INTO t (who) VALUES ($1)', values: ['mine'] }

test.each<{ how: string; sql: string; keys: number[] }>([
  { how: 'the type of the key has changed', sql: 'ALTER TABLE t ALTER id TYPE bigint', keys: [1, 2] },
  {
    how: 'another column is the key',
    sql: `ALTER TABLE t DROP id; ALTER TABLE t ADD PRIMARY KEY (uid)`,
    keys: [1, 8],
  },
])('a named INSERT succeeds and is tracked after a migration: $how', async ({ sql, keys }) => {
  const sink = new RecordingSink('test')
  const client = new pg.Client(
    await server.database(
      `CREATE SEQUENCE s START 7; CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, uid int NOT NULL DEFAULT nextval('s'), who text)`,
    ),
  )
  await client.connect()
  const installed = pgInstrument({ serves: () => true, ignoreTables: [] }).install(pg, sink)
  onTestFinished(async () => {
    installed[Symbol.dispose]()
    await client.end()
  })
  await client.query(insert)
  await client.query(sql)
  expect(await client.query(insert)).toMatchObject({ command: 'INSERT', rowCount: 1, rows: [] })
  expect(sink.keys()).toEqual({ t: keys })
})
