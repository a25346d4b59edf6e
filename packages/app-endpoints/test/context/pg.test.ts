/** Rows of a real PostgreSQL that store the ids that a trigger sees. */

import { once } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { testContext } from '../../src/context/test-context.ts'

const context = testContext({ enabled: true, environment: 'test', lingerMs: 0 })

/** Runs the work in a request of the given test, or of none for `-`. */
const inRequestOf = <T>(who: string, work: () => Promise<T> | T): Promise<T> => {
  const headers: Record<string, string> = who === '-' ? {} : { baggage: `test.run_id=run,test.scope_id=${who}` }
  return Promise.resolve(context.fetch(work)(new Request('http://app.test', { headers })))
}

const schema = `
  CREATE TABLE rows (
    expected text NOT NULL,
    got text NOT NULL DEFAULT coalesce(nullif(current_setting('dustpan.scope', true), ''), '-'),
    run text NOT NULL DEFAULT coalesce(nullif(current_setting('dustpan.run', true), ''), '-')
  );
  CREATE TABLE keys (id int PRIMARY KEY);
`
const insert = 'INSERT INTO rows (expected) VALUES ($1)'

const server = await testServer()
let url: string
const pools: pg.Pool[] = []
beforeEach(async () => {
  url = await server.database(schema)
})
afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.end()
})

function newPool(options: pg.PoolConfig = {}): pg.Pool {
  const pool = context.propagateTo(new pg.Pool({ connectionString: url, max: 2, ...options }))
  pool.on('error', () => {})
  pools.push(pool)
  return pool
}

/** `expected → got` of each row where they differ. */
async function mismatches(): Promise<string[]> {
  const { rows } = await once(url, "SELECT * FROM rows WHERE expected <> got OR (got <> '-') <> (run = 'run')")
  return rows.map(({ expected, got, run }) => `${expected} → ${run}.${got}`)
}
const written = async (): Promise<string[]> =>
  (await once(url, 'SELECT got FROM rows ORDER BY ctid')).rows.map(({ got }) => got)

/** Runs the work with a client that is always released. */
const withClient = async (pool: pg.Pool, work: (client: pg.PoolClient) => Promise<unknown>) => {
  const client = await pool.connect()
  try {
    await work(client)
  } finally {
    client.release()
  }
}

const inTransaction = (pool: pg.Pool, who: string, end: 'COMMIT' | 'ROLLBACK') =>
  withClient(pool, async (client) => {
    await client.query('BEGIN')
    await client.query(insert, [who])
    await client.query('SAVEPOINT one')
    await client.query(insert, [who])
    await client.query(end)
    await client.query(insert, [who])
  })

const failing = (pool: pg.Pool, who: string) =>
  withClient(pool, async (client) => {
    await client.query('BEGIN')
    await expect(client.query('SELECT 1/0')).rejects.toThrow(/zero/)
    await expect(client.query(insert, [who])).rejects.toThrow(/aborted/)
    await client.query('ROLLBACK')
    await client.query(insert, [who])
  })

/** Replaces the text of each query without values before it is sent. */
const watch = (client: pg.PoolClient, change: (text: string) => string) => {
  const { connection } = client as unknown as { connection: { query(text: string): void } }
  const { query } = connection
  connection.query = (text) => query.call(connection, change(text))
}

const callbacks = (pool: pg.Pool, who: string) =>
  new Promise<void>((resolve, reject) => {
    pool.connect((error, client, release) => {
      if (error || !client) return reject(error)
      client.query(insert, [who], (error) => {
        release()
        if (error) return reject(error)
        pool.query(insert, [who], (error) => (error ? reject(error) : resolve()))
      })
    })
  })

/** Releases a client within a transaction, so that its next user is in it too. */
const releaseInTransaction = (pool: pg.Pool, who: string) =>
  withClient(pool, async (client) => {
    await client.query('BEGIN')
    await client.query(insert, [who])
  })

const withoutAwaiting = (pool: pg.Pool, who: string) =>
  withClient(pool, async (client) => {
    const all = ['BEGIN', 'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE'].map((text) => client.query(text))
    all.push(client.query(insert, [who]), client.query('ROLLBACK'), client.query(insert, [who]))
    await Promise.all(all)
  })

const ways: readonly ((pool: pg.Pool, who: string) => Promise<unknown>)[] = [
  (pool, who) => pool.query(insert, [who]),
  (pool, who) => Promise.all([pool.query(insert, [who]), pool.query(insert, [who])]),
  (pool, who) => inTransaction(pool, who, 'COMMIT'),
  (pool, who) => inTransaction(pool, who, 'ROLLBACK'),
  failing,
  callbacks,
  withoutAwaiting,
  (pool, who) => pool.query({ name: 'insert', text: insert, values: [who] }),
  (pool, who) =>
    expect(pool.query("INSERT INTO keys VALUES ('x')"))
      .rejects.toThrow()
      .then(() => pool.query(insert, [who])),
]

/** Pseudo-random numbers, the same for each run. */
function* randomNumbers(seed: number): Generator<number> {
  for (let state = seed; ; ) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    yield state / 2 ** 31
  }
}

describe.each([
  ['', {}],
  [', pipelined', { pipeline: true }],
] as const)('a pool%s', (_, options) => {
  test('each row has its own test’s id, with 50 concurrent requests on 2 connections in every form', async () => {
    const pool = newPool(options as pg.PoolConfig)
    const random = randomNumbers(7)
    const draw = (below: number) => Math.floor((random.next().value as number) * below)
    for (let round = 0; round < 8; round++) {
      const requests = Array.from({ length: 50 }, () => {
        const [n, way] = [draw(25), ways[draw(ways.length)] as (typeof ways)[number]]
        const who = n < 20 ? `w1-${n}` : '-'
        return inRequestOf(who, () => way(pool, who))
      })
      await Promise.all(requests)
    }
    expect(await mismatches()).toEqual([])
    const all = await written()
    expect(all.length).toBeGreaterThan(400)
    expect(new Set(all).size).toBe(21)
    expect(pool.totalCount).toBe(2)
  })

  test('one connection used by several tests and by none gives each row the right id', async () => {
    const pool = newPool({ max: 1, ...options })
    for (const who of ['-', 'a', 'a', 'b', '-', 'a', '-']) await inRequestOf(who, () => pool.query(insert, [who]))
    expect(await written()).toEqual(['-', 'a', 'a', 'b', '-', 'a', '-'])
    expect(await mismatches()).toEqual([])
  })

  test('ids that a ROLLBACK reverted are set again after a client was released within a transaction', async () => {
    const pool = newPool({ max: 1, ...options })
    await inRequestOf('a', () => releaseInTransaction(pool, 'a'))
    await inRequestOf('b', async () => {
      await pool.query(insert, ['b'])
      await pool.query('ROLLBACK')
      await pool.query(insert, ['b'])
    })
    await inRequestOf('b', () => pool.query(insert, ['b']))
    await inRequestOf('c', () => releaseInTransaction(pool, 'c'))
    await inRequestOf('-', async () => {
      await pool.query('ROLLBACK')
      await pool.query(insert, ['-'])
    })
    expect(await written()).toEqual(['b', 'b', '-'])
    expect(await mismatches()).toEqual([])
  })

  test('rows have the right id after a ROLLBACK of a BEGIN that was queued before another test’s statement', async () => {
    const client = await newPool({ max: 1, ...options }).connect()
    await inRequestOf('a', () => client.query(insert, ['a']))
    const inserted = Promise.withResolvers<void>()
    const begun = inRequestOf('a', () => {
      client.query('SELECT 1', () => {
        void inRequestOf('b', () => client.query(insert, ['b'])).then(() => inserted.resolve(), inserted.reject)
      })
      return client.query('BEGIN')
    })
    await Promise.all([begun, inserted.promise])
    await inRequestOf('b', () => client.query('ROLLBACK'))
    await inRequestOf('b', () => client.query(insert, ['b']))
    client.release()
    expect(await written()).toEqual(['a', 'b'])
  })

  test('concurrent requests that share one client in a transaction each have the right id', async () => {
    const client = await newPool(options).connect()
    await client.query('BEGIN')
    await Promise.all(['a', 'b', '-', 'a'].map((who) => inRequestOf(who, () => client.query(insert, [who]))))
    await client.query('COMMIT')
    await Promise.all(['-', 'b', 'a'].map((who) => inRequestOf(who, () => client.query(insert, [who]))))
    client.release()
    expect(await written()).toEqual(['a', 'b', '-', 'a', '-', 'b', 'a'])
    expect(await mismatches()).toEqual([])
  })
})

test('SET TRANSACTION ISOLATION LEVEL works as the first statement of a transaction', async () => {
  const pool = newPool({ max: 1 })
  await inRequestOf('a', () => pool.query(insert, ['a']))
  await inRequestOf('b', () => withoutAwaiting(pool, 'b'))
  expect(await mismatches()).toEqual([])
})

test('a single client works with a pg without getTransactionStatus()', async () => {
  const client = new pg.Client(url)
  Object.defineProperty(client, 'getTransactionStatus', { value: undefined })
  context.propagateTo(context.propagateTo(client))
  await client.connect()
  for (const who of ['a', 'b', '-']) await inRequestOf(who, () => client.query(insert, [who]))
  await inRequestOf('a', () => client.query('BEGIN'))
  await inRequestOf('b', () => client.query(insert, ['b']))
  await inRequestOf('b', () => client.query('ROLLBACK'))
  await inRequestOf('b', () => client.query(insert, ['b']))
  await client.end()
  expect(await written()).toEqual(['a', 'b', '-', 'b'])
  expect(await mismatches()).toEqual([])
})

test('an additional statement is sent only when the id changes', async () => {
  const pool = newPool({ max: 1 })
  const client = await pool.connect()
  const sent: unknown[] = []
  watch(client, (text) => {
    sent.push(text)
    return text
  })
  client.release()
  for (const who of ['-', 'a', 'a', 'a', 'b', 'b', '-', '-']) await inRequestOf(who, () => pool.query('SELECT 1'))
  expect(sent.filter((text) => text !== 'SELECT 1')).toHaveLength(3)
})

test('concurrent requests on a pool cause no warning of pg', async () => {
  const warnings: string[] = []
  const warn = ({ message }: Error) => void warnings.push(message)
  process.on('warning', warn)
  const pool = newPool()
  for (const way of ways.filter((each) => each !== withoutAwaiting)) {
    await Promise.all(['a', 'b', '-', 'a', 'b', 'c'].map((who) => inRequestOf(who, () => way(pool, who))))
  }
  await new Promise(setImmediate)
  process.off('warning', warn)
  expect(warnings).toEqual([])
})

test('work left running by a request no longer belongs to its test after lingerMs', async () => {
  const pool = newPool({ max: 1 })
  const ticked = Promise.withResolvers<void>()
  await inRequestOf('a', () => {
    const timer = setInterval(() => {
      if (context.current()) return
      clearInterval(timer)
      pool.query(insert, ['-']).then(() => ticked.resolve(), ticked.reject)
    }, 1)
  })
  await ticked.promise
  expect(await written()).toEqual(['-'])
})

test('notifications of a connection opened by a request belong to no test', async () => {
  const lingering = testContext({ enabled: true, environment: 'test', lingerMs: 60_000 })
  const pool = lingering.propagateTo(new pg.Pool({ connectionString: url }))
  pools.push(pool)
  const heard = Promise.withResolvers<void>()
  const listen = lingering.fetch(async (_request: Request) => {
    const client = await pool.connect()
    client.on('notification', () => {
      client
        .query(insert, ['-'])
        .then(() => client.release())
        .then(heard.resolve, heard.reject)
    })
    await client.query('LISTEN news')
  })
  await listen(new Request('http://app.test', { headers: { baggage: 'test.run_id=run,test.scope_id=a' } }))
  await once(url, 'NOTIFY news')
  await heard.promise
  expect(await written()).toEqual(['-'])
})

test('when setting the id fails, the statement fails and the next connection works', async () => {
  const pool = newPool({ max: 1 })
  await inRequestOf('a', () => pool.query(insert, ['a']))
  const client = await pool.connect()
  watch(client, (text) => (text.startsWith('SET dustpan') ? 'SELECT 1/0' : text))
  client.release()
  await expect(inRequestOf('b', () => pool.query(insert, ['b']))).rejects.toThrow(/Connection terminated/)
  await expect(inRequestOf('-', () => pool.query(insert, ['-']))).resolves.toBeDefined()
  expect(await written()).toEqual(['a', '-'])
})

test('behind a pooler rows have no id, the application works, and one warning is given', async () => {
  const warnings: string[] = []
  const warn = ({ message }: Error) => void warnings.push(message)
  process.on('warning', warn)
  const pool = newPool({ max: 1 })
  // A pooler gives its clients a process id of its own.
  pool.on('connect', (client) => Object.assign(client, { processID: 1 }))
  await inRequestOf('a', () => pool.query(insert, ['-']))
  await inRequestOf('b', () => inTransaction(pool, '-', 'COMMIT'))
  expect(await written()).toEqual(['-', '-', '-', '-'])
  await new Promise(setImmediate)
  process.off('warning', warn)
  expect(warnings).toEqual([expect.stringMatching(/not passed on to PostgreSQL.*pooler/)])
})

test('when disabled or in production, pools are not changed', () => {
  for (const options of [
    {},
    { enabled: false },
    { enabled: true, environment: 'production' },
    { enabled: true, environment: 'live' },
  ]) {
    const pool = new pg.Pool({ connectionString: url })
    testContext(options).propagateTo(pool)
    expect(Object.hasOwn(pool, 'connect') || Object.hasOwn(pool, 'query') || pool.listenerCount('acquire') > 0).toBe(
      false,
    )
  }
})
