/** The stack that is recorded for a row is that of the call that sent its statement. */
import { LookingSink } from '@dustpan/conformance/capture'
import { startServer } from '@dustpan/conformance/servers'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { pgInstrument } from '../../src/capture/instrument.ts'

async function world() {
  const server = await startServer()
  const sink = new LookingSink('test')
  const installed = pgInstrument({ serves: () => true, ignoreTables: [] }).install(pg, sink)
  const pool = new pg.Pool({
    connectionString: await server.database('CREATE TABLE t (id serial PRIMARY KEY)'),
    max: 2,
  })
  onTestFinished(async () => {
    installed[Symbol.dispose]()
    await pool.end()
    await server[Symbol.asyncDispose]()
  })
  return { sink, pool }
}

const insert = 'INSERT INTO t DEFAULT VALUES'
const calls = (...names: string[]) => names.map((name) => expect.stringContaining(name))

test('the stack shows the caller of the first, of a queued and of an immediate statement of a client', async () => {
  const { sink, pool } = await world()
  const client = await pool.connect()
  const first = () => client.query(insert)
  const waits = () => client.query(insert)
  const atOnce = () => client.query(insert)
  await Promise.all([first(), waits()])
  await atOnce()
  client.release()
  expect(sink.stacks).toEqual(calls('first', 'waits', 'atOnce'))
})

test('the stack shows the caller of a pool query on a new, an awaited and an idle client', async () => {
  const { sink, pool } = await world()
  const one = () => pool.query(insert)
  const two = () => pool.query(insert)
  const waits = () => pool.query(insert)
  const idle = () => pool.query(insert)
  await Promise.all([one(), two(), waits()])
  await idle()
  const callers = sink.stacks.map((stack) => /at (?:async )?(\w+)/.exec(stack)?.[1])
  expect(callers.toSorted()).toEqual(['idle', 'one', 'two', 'waits'])
})

test('the stack of a query that a callback sends shows the callback', async () => {
  const { sink, pool } = await world()
  await new Promise<void>((resolve) => {
    pool.query(insert, () => {
      const inCallback = () => pool.query(insert)
      void inCallback().then(() => resolve())
    })
  })
  expect(sink.stacks[1]).toContain('inCallback')
})
