import { setTimeout as wait } from 'node:timers/promises'
import { RecordingSink } from '@dustpan/conformance/capture'
import { once, type Server, startServer } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { pgInstrument } from '../../src/capture/instrument.ts'

const schema = `CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE later (id int PRIMARY KEY, t int REFERENCES t DEFERRABLE INITIALLY DEFERRED)`

const server = await testServer()
let url: string
let sink: RecordingSink
let installed: Disposable
let client: pg.Client

beforeEach(async () => {
  url = await server.database(schema)
  sink = new RecordingSink()
  installed = install()
  client = new pg.Client(url)
  client.on('error', () => {})
  await client.connect()
})
afterEach(async () => {
  await client.end().catch(() => {})
  installed[Symbol.dispose]()
})

const install = () => pgInstrument({ serves: () => true, ignoreTables: [] }).install(pg, sink)
const insert = (id: number) => `INSERT INTO t VALUES (${id})`

test.each<{ title: string; queries: string[]; keys: number[]; settled: string[] }>([
  {
    title: 'that is committed',
    queries: ['BEGIN', insert(1), insert(2), 'COMMIT'],
    keys: [1, 2],
    settled: ['committed'],
  },
  {
    title: 'that is rolled back',
    queries: ['START TRANSACTION', insert(1), 'ROLLBACK', insert(2)],
    keys: [2],
    settled: ['rolled-back'],
  },
  {
    title: 'with END and ABORT',
    queries: ['BEGIN', insert(1), 'END', 'BEGIN', insert(2), 'ABORT'],
    keys: [1],
    settled: ['committed', 'rolled-back'],
  },
  {
    title: 'that an error aborts before COMMIT',
    queries: ['BEGIN', insert(1), 'SELECT nope', 'COMMIT'],
    keys: [],
    settled: ['rolled-back'],
  },
  {
    title: 'with ROLLBACK TO a savepoint',
    queries: ['BEGIN', insert(1), 'SAVEPOINT s', insert(2), 'ROLLBACK TO s', insert(3), 'COMMIT'],
    keys: [1, 3],
    settled: ['committed'],
  },
  {
    title: 'with ROLLBACK TO a savepoint before its first row',
    queries: ['BEGIN', 'SAVEPOINT s', insert(1), 'ROLLBACK TO SAVEPOINT s', insert(2), 'COMMIT'],
    keys: [2],
    settled: ['committed'],
  },
  {
    title: 'that recovers from an error with a savepoint',
    queries: ['BEGIN', insert(1), 'SAVEPOINT s', insert(1), 'ROLLBACK TO s', insert(2), 'COMMIT'],
    keys: [1, 2],
    settled: ['committed'],
  },
  {
    title: 'with nested savepoints, the inner one released',
    queries: [
      'BEGIN',
      'SAVEPOINT a',
      insert(1),
      'SAVEPOINT b',
      insert(2),
      'RELEASE b',
      insert(3),
      'ROLLBACK TO a',
      'COMMIT',
    ],
    keys: [],
    settled: ['committed'],
  },
  {
    title: 'with two savepoints of the same name',
    queries: [
      'BEGIN',
      'SAVEPOINT a',
      insert(1),
      'SAVEPOINT a',
      insert(2),
      'ROLLBACK TO a',
      'RELEASE a',
      'ROLLBACK TO a',
      insert(3),
      'COMMIT',
    ],
    keys: [3],
    settled: ['committed'],
  },
  {
    title: 'with COMMIT AND CHAIN and ROLLBACK AND CHAIN',
    queries: ['BEGIN', insert(1), 'COMMIT AND CHAIN', insert(2), 'ROLLBACK AND CHAIN', insert(3), 'COMMIT'],
    keys: [1, 3],
    settled: ['committed', 'rolled-back', 'committed'],
  },
  {
    title: 'in one text',
    queries: [`BEGIN; ${insert(1)}; SAVEPOINT s; ${insert(2)}; ROLLBACK TO s; COMMIT; ${insert(3)}`],
    keys: [1, 3],
    settled: ['committed'],
  },
  {
    title: 'that a deferred constraint refuses at COMMIT',
    queries: ['BEGIN', insert(1), 'INSERT INTO later VALUES (1, 99)', 'COMMIT'],
    keys: [],
    settled: ['rolled-back'],
  },
  {
    title: 'with a DELETE that is rolled back',
    queries: [insert(1), 'BEGIN', 'DELETE FROM t', 'ROLLBACK'],
    keys: [1],
    settled: ['rolled-back'],
  },
  {
    title: 'with a DELETE that is rolled back to a savepoint',
    queries: [insert(1), 'BEGIN', 'SAVEPOINT s', 'DELETE FROM t', 'ROLLBACK TO s', 'COMMIT'],
    keys: [1],
    settled: ['committed'],
  },
])('exactly the rows that exist are tracked after a transaction $title', async ({ queries, keys, settled }) => {
  await sink.run('test', async () => {
    for (const query of queries) await client.query(query).catch(() => {})
  })
  expect(sink.keys().t ?? []).toEqual(keys)
  expect(sink.settled).toEqual(settled)
  expect((await once(url, 'SELECT id FROM t ORDER BY id')).rows.map(({ id }) => id)).toEqual(keys)
})

test('a single statement that a deferred constraint refuses leaves no record', async () => {
  await sink.run('test', () => client.query('INSERT INTO later VALUES ($1, $2)', [1, 99]).catch(() => {}))
  expect(sink.live()).toEqual([])
  expect(sink.intents).toMatchObject([{ type: 'later', outcome: 'rolled-back' }])
})

test.each(['COMMIT', 'END', 'SELECT 1; COMMIT'])(
  'a transaction is announced when a statement that may commit it is sent: %s',
  async (end) => {
    await sink.run('test', async () => {
      await client.query('BEGIN')
      await client.query(insert(1))
      expect(sink.transactions.map(({ isAnnounced }) => isAnnounced)).toEqual([false])
      await client.query(end)
    })
    expect(sink.transactions.map(({ isAnnounced }) => isAnnounced)).toEqual([true])
  },
)

test('a transaction is not announced when it is rolled back', async () => {
  await sink.run('test', async () => {
    for (const query of ['BEGIN', insert(1), 'ROLLBACK']) await client.query(query)
  })
  expect(sink.transactions.map(({ isAnnounced }) => isAnnounced)).toEqual([false])
})

test('a connection that ends inside a transaction settles it as rolled back', async () => {
  await sink.run('test', async () => {
    await client.query('BEGIN')
    await client.query(insert(1))
  })
  await client.end()
  expect(sink.live()).toEqual([])
  expect(sink.settled).toEqual(['rolled-back'])
})

test('a connection that is lost during an INSERT leaves its intent open', async () => {
  const holder = new pg.Client(url)
  await holder.connect()
  await sink.run('before', () => client.query(insert(7)))
  await holder.query('BEGIN; LOCK TABLE t')
  const failing = sink.run('test', () => client.query(insert(1))).catch((error: Error) => error.message)
  while (
    (await once(url, `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`))
      .rowCount === 0
  )
    await wait(1)
  ;(client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy()
  expect(await failing).toContain('Connection terminated')
  expect(sink.intents.at(-1)).toMatchObject({ type: 't', outcome: 'open' })
  await holder.end()
})

describe('a transaction that ends without capture seeing the statement', () => {
  const ends: Record<string, (sql: string) => Promise<unknown>> = {
    'a statement prepared before the capture': async () => client.query({ name: 'end' } as pg.QueryConfig),
    'a query object that is not of pg': (sql) =>
      new Promise<void>((resolve) => client.query(foreignQuery(sql, resolve))),
  }

  test.each(Object.keys(ends).flatMap((how) => ['COMMIT', 'ROLLBACK'].map((sql) => ({ how, sql }))))(
    'is settled as unknown and its row stays tracked: $sql by $how',
    async ({ how, sql }) => {
      installed[Symbol.dispose]()
      await client.query({ name: 'end', text: sql })
      installed = install()
      await sink.run('test', async () => {
        await client.query('BEGIN')
        await client.query(insert(1))
      })
      await ends[how]?.(sql)
      expect(sink.settled).toEqual(['unknown'])
      expect(sink.keys()).toEqual({ t: [1] })
    },
  )
})

test('a row inserted in a transaction that began before the scope is settled with that transaction', async () => {
  await client.query('BEGIN')
  await sink.run('test', () => client.query(insert(1)))
  await client.query('ROLLBACK')
  expect(sink.live()).toEqual([])
})

describe('a prepared transaction', () => {
  let own: Server
  beforeAll(async () => {
    own = await startServer({ own: true, flags: ['-c', 'max_prepared_transactions=5'] })
  })
  afterAll(() => own[Symbol.asyncDispose]())

  const run = async (queries: readonly string[], others: readonly string[] = []) => {
    const database = await own.database(schema)
    for (const texts of [queries, others]) {
      const session = new pg.Client(database)
      await session.connect()
      await sink.run('test', async () => {
        for (const text of texts) await session.query(text)
      })
      await session.end()
    }
  }
  const begun = ['BEGIN', insert(1), `PREPARE TRANSACTION 'p'`]

  test.each([
    { how: 'COMMIT PREPARED', settled: 'committed', keys: { t: [1] } },
    { how: 'ROLLBACK PREPARED', settled: 'rolled-back', keys: {} },
  ])('is settled by $how on the same connection or another one', async ({ how, settled, keys }) => {
    await run([...begun, `${how} 'p'`])
    await run(begun, [`${how} 'p'`])
    expect(sink.settled).toEqual([settled, settled])
    expect(sink.keys()).toEqual('t' in keys ? { t: [1, 1] } : {})
  })

  test('is open until it is committed or rolled back', async () => {
    await run(begun, ['SELECT 1'])
    expect(sink.settled).toEqual(['open'])
  })
})

/** A submittable that is not a query of pg, so that capture does not see its statement. */
function foreignQuery(sql: string, done: () => void): pg.Submittable {
  return {
    submit: (connection: pg.Connection) => connection.query(sql),
    handleCommandComplete() {},
    handleReadyForQuery: done,
    handleError() {},
  } as pg.Submittable
}
