import { RecordingSink } from '@dustpan/conformance/capture'
import { once } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import pg from 'pg'
import { expect, test, vi } from 'vitest'
import { pgInstrument } from '../../src/capture/instrument.ts'

// Simulates an environment in which WebAssembly is forbidden.
vi.mock('libpg-query', () => ({ loadModule: () => Promise.reject(new Error('WebAssembly is forbidden')) }))

const server = await testServer()

test('without the parser, statements are sent unchanged and warn with DUSTPAN_SQL_UNPARSABLE', async () => {
  const url = await server.database('CREATE TABLE t (id serial PRIMARY KEY, name text)')
  const sink = new RecordingSink()
  using _ = pgInstrument({ serves: () => true, ignoreTables: [] }).install(pg, sink)
  const client = new pg.Client(url)
  await client.connect()
  const results = await sink.run('test', () =>
    Promise.all([
      client.query(`INSERT INTO t (name) VALUES ('a') RETURNING name`),
      client.query('INSERT INTO t (name) VALUES ($1)', ['b']),
      client.query('DELETE FROM t WHERE id = 1'),
    ]),
  )
  const later = await sink.run('test', () => client.query('TABLE t'))
  await client.end()
  expect(results.map(({ rows, rowCount }) => ({ rows, rowCount }))).toEqual([
    { rows: [{ name: 'a' }], rowCount: 1 },
    { rows: [], rowCount: 1 },
    { rows: [], rowCount: 1 },
  ])
  expect(later.rows).toEqual([{ id: 2, name: 'b' }])
  expect(sink.intents).toEqual([])
  const message = expect.stringContaining('the parser could not be loaded: WebAssembly is forbidden')
  expect(sink.warnings).toMatchObject([
    { code: 'DUSTPAN_SQL_UNPARSABLE', message },
    { code: 'DUSTPAN_SQL_UNPARSABLE', message },
  ])
  expect((await once(url, 'TABLE t')).rowCount).toBe(1)
})
