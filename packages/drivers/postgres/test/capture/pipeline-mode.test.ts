/** A client with `pipeline: true` sends each statement at once, so that no query fits in between. */
import { RemovedSink } from '@dustpan/conformance/capture'
import { testServer } from '@dustpan/conformance/servers/test-server'
import pg from 'pg'
import { expect, test } from 'vitest'
import { capturedClient } from './captured-client.ts'

const server = await testServer()

async function clients() {
  const url = await server.database('CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)')
  const sink = new RemovedSink('test')
  const plain = await capturedClient(url, sink)
  const pipelined = new pg.Client({ connectionString: url, pipeline: true } as pg.ClientConfig)
  await pipelined.connect()
  return { sink, plain, pipelined }
}

test('INSERTs in pipeline mode are not tracked, with one warning', async () => {
  const { sink, pipelined } = await clients()
  await pipelined.query('SELECT * FROM t')
  expect(sink.warnings).toEqual([])
  await Promise.all([2, 3].map((id) => pipelined.query('INSERT INTO t VALUES ($1)', [id])))
  await pipelined.query('INSERT INTO t VALUES (4)')
  await pipelined.end()
  expect(sink.keys()).toEqual({})
  expect(sink.warnings).toMatchObject([
    { code: 'DUSTPAN_SQL_UNATTRIBUTED', subject: 'pipeline mode', message: expect.stringContaining('pipeline mode') },
  ])
})

test.each(['DELETE FROM t', 'TRUNCATE t'])(
  'an older row that %s removed in pipeline mode is not tracked when it is inserted again',
  async (remove) => {
    const { sink, plain, pipelined } = await clients()
    await pipelined.query(remove)
    await pipelined.end()
    await plain.query('INSERT INTO t VALUES (1)')
    expect(sink.keys()).toEqual({})
  },
)
