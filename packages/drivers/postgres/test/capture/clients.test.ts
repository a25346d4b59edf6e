import { finished } from 'node:stream/promises'
import { RecordingSink } from '@dustpan/conformance/capture'
import { once, testName } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import Cursor from 'pg-cursor'
import QueryStream from 'pg-query-stream'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { captureClient, pgInstrument } from '../../src/capture/instrument.ts'

const inserter = testName()
const schema = `
  CREATE TABLE t (id serial PRIMARY KEY, name text);
  CREATE TABLE secured (id serial PRIMARY KEY, name text);
  ALTER TABLE secured ENABLE ROW LEVEL SECURITY;
  CREATE POLICY all_in ON secured FOR INSERT WITH CHECK (true);
  GRANT INSERT ON t, secured TO ${inserter};
  GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO ${inserter};
`

const server = await testServer()
let url: string
let sink: RecordingSink
let installed: Disposable

beforeAll(async () => {
  await once(await server.database(), `CREATE ROLE ${inserter} LOGIN PASSWORD 'secret'`)
})
beforeEach(async () => {
  url = await server.database(schema)
  sink = new RecordingSink()
  installed = pgInstrument({ serves: () => true, ignoreTables: [] }).install(pg, sink)
})
afterEach(() => installed[Symbol.dispose]())

async function withClient<T>(use: (client: pg.Client) => Promise<T>, connectionString = url): Promise<T> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

describe('ways to call query()', () => {
  test('a query with a callback is tracked, and so is one that its callback sends', () =>
    withClient(async (client) => {
      const { promise, resolve, reject } = Promise.withResolvers<pg.QueryResult>()
      sink.run('test', () => {
        client.query('INSERT INTO t (name) VALUES ($1) RETURNING name', ['a'], () => {
          client.query(`INSERT INTO t (name) VALUES ('b')`, (error, result) =>
            error ? reject(error) : resolve(result),
          )
        })
      })
      expect((await promise).rows).toEqual([])
      expect(sink.keys('test')).toEqual({ t: [1, 2] })
    }))

  test('rows of a query object are emitted as events and tracked', () =>
    withClient(async (client) => {
      const rows: unknown[] = []
      const { promise, resolve } = Promise.withResolvers<unknown>()
      sink.run('test', () => {
        const query = client.query(new pg.Query(`INSERT INTO t (name) VALUES ('a'), ('b') RETURNING name`))
        query.on('row', (row) => rows.push(row))
        query.on('end', resolve)
      })
      await promise
      expect(rows).toEqual([{ name: 'a' }, { name: 'b' }])
      expect(sink.keys()).toEqual({ t: [1, 2] })
    }))

  test('queries sent at once before the client is connected are all tracked', async () => {
    const client = new pg.Client(url)
    const results = sink.run('test', () =>
      [1, 2, 3].map((n) => client.query('INSERT INTO t (name) VALUES ($1) RETURNING id', [`n${n}`])),
    )
    await client.connect()
    expect((await Promise.all(results)).map(({ rows }) => rows)).toEqual([[{ id: 1 }], [{ id: 2 }], [{ id: 3 }]])
    expect(sink.keys('test')).toEqual({ t: [1, 2, 3] })
    await client.end()
  })

  test('an INSERT that is read with a row limit returns and tracks all its rows', () =>
    withClient(async (client) => {
      const { rows } = await sink.run('test', () =>
        client.query({
          text: `INSERT INTO t (name) VALUES ('a'), ('b'), ('c') RETURNING name`,
          rows: 1,
        } as pg.QueryConfig),
      )
      expect(rows).toEqual([{ name: 'a' }, { name: 'b' }, { name: 'c' }])
      expect(sink.keys()).toEqual({ t: [1, 2, 3] })
    }))

  test('an INSERT with `binary: true` is tracked', () =>
    withClient(async (client) => {
      await sink.run('test', () =>
        client.query({ text: 'INSERT INTO t (name) VALUES ($1)', values: ['a'], binary: true } as pg.QueryConfig),
      )
      expect(sink.keys()).toEqual({ t: [1] })
    }))

  test('a wrong call throws the error of pg', () =>
    withClient(async (client) => {
      expect(() => client.query(null as never)).toThrow('null or undefined query')
      expect(() => client.query('INSERT INTO t DEFAULT VALUES', [], 7 as never)).toThrow('callback is not a function')
    }))
})

describe('pools', () => {
  test('the rows of 50 concurrent scopes on 2 connections are each tracked for their own scope', async () => {
    const pool = new pg.Pool({ connectionString: url, max: 2 })
    await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        sink.run(`test ${n}`, async () => {
          await pool.query('INSERT INTO t (id, name) VALUES ($1, $2)', [1_000 + n, 'promise'])
          await new Promise<void>((resolve, reject) => {
            pool.query('INSERT INTO t (id, name) VALUES ($1, $2)', [2_000 + n, 'callback'], (error) =>
              error ? reject(error) : resolve(),
            )
          })
          const client = await pool.connect()
          await client.query('INSERT INTO t (id, name) VALUES ($1, $2)', [3_000 + n, 'client'])
          client.release()
          await new Promise<void>((resolve, reject) => {
            pool.connect((error, own, release) => {
              if (error || !own) return reject(error)
              own.query('INSERT INTO t (id, name) VALUES ($1, $2)', [4_000 + n, 'client callback'], (failure) => {
                release()
                failure ? reject(failure) : resolve()
              })
            })
          })
        }),
      ),
    )
    for (let n = 0; n < 50; n++)
      expect(sink.keys(`test ${n}`)).toEqual({ t: [1_000 + n, 2_000 + n, 3_000 + n, 4_000 + n] })
    await pool.end()
  })
})

describe('roles', () => {
  const asInserter = () => url.replace('postgres:secret', `${inserter}:secret`)

  test('INSERTs by a role that may not read the key are not tracked, warn once and leave no open intent', () =>
    withClient(async (client) => {
      await sink.run('test', async () => {
        await client.query(`INSERT INTO t (name) VALUES ('a')`)
        await client.query(`INSERT INTO t (name) VALUES ('b')`)
      })
      expect(sink.warnings).toMatchObject([
        { code: 'DUSTPAN_SQL_UNATTRIBUTED', message: expect.stringContaining('GRANT SELECT (id)') },
      ])
      expect(sink.nothings).toEqual(['not-a-creation', 'not-a-creation'])
    }, asInserter()))

  test('an INSERT under row-level security warns with DUSTPAN_SQL_UNATTRIBUTED', () =>
    withClient(async (client) => {
      await sink.run('test', () => client.query(`INSERT INTO secured (name) VALUES ('a')`))
      expect(sink.warnings).toMatchObject([
        { code: 'DUSTPAN_SQL_UNATTRIBUTED', message: expect.stringContaining('row-level security') },
      ])
    }, asInserter()))

  test('an INSERT after SET LOCAL ROLE is not tracked, and one after that transaction is', () =>
    withClient(async (client) => {
      await sink.run('test', async () => {
        await client.query(`INSERT INTO t (name) VALUES ('a')`)
        await client.query('BEGIN')
        await client.query(`SET LOCAL ROLE ${inserter}`)
        await client.query(`INSERT INTO t (name) VALUES ('b')`)
        await client.query('COMMIT')
        await client.query(`INSERT INTO t (name) VALUES ('c')`)
      })
      expect(sink.keys()).toEqual({ t: [1, 3] })
    }))
})

describe('COPY', () => {
  async function copy(client: pg.Client, rows: string): Promise<void> {
    const stream = client.query(copyFrom('COPY t (name) FROM STDIN'))
    stream.end(rows)
    await finished(stream)
  }

  test('rows that COPY writes in a transaction are tracked apart from those of an INSERT before it', () =>
    withClient(async (client) => {
      await sink.run('test', async () => {
        await client.query('BEGIN')
        await client.query(`INSERT INTO t (name) VALUES ('before')`)
        await client.query('SAVEPOINT s')
        await copy(client, 'a\nb\nc\n')
        await client.query('COMMIT')
      })
      expect(sink.keys()).toEqual({ t: [1, 2, 3, 4] })
      expect(new Set(sink.records.map(({ via }) => via))).toEqual(new Set(['INSERT INTO t', 'COPY t']))
    }))

  test('COPY outside a transaction warns with DUSTPAN_SQL_UNATTRIBUTED', () =>
    withClient(async (client) => {
      await sink.run('test', () => copy(client, 'a\n'))
      expect(sink.warnings).toMatchObject([
        { code: 'DUSTPAN_SQL_UNATTRIBUTED', message: expect.stringContaining('between BEGIN and COMMIT') },
      ])
    }))
})

describe('cursors', () => {
  test.each([
    [
      'an INSERT through pg-cursor warns and is not tracked',
      new Cursor(`INSERT INTO t (name) VALUES ('a') RETURNING id`),
      1,
    ],
    [
      'an INSERT through pg-query-stream warns and is not tracked',
      new QueryStream(`WITH n AS (INSERT INTO t (name) VALUES ('a') RETURNING id) SELECT * FROM n`),
      1,
    ],
    ['a SELECT through pg-cursor does not warn', new Cursor(`SELECT 'insert into t'`), 0],
  ])('%s', (_title, query, warnings) =>
    withClient(async (client) => {
      await sink.run('test', async () => {
        const rows = query instanceof QueryStream ? client.query(query).toArray() : client.query(query).read(10)
        expect(await rows).toHaveLength(1)
        if (query instanceof Cursor) await query.close()
      })
      expect(sink.warnings.map(({ code }) => code)).toEqual(Array(warnings).fill('DUSTPAN_SQL_UNATTRIBUTED'))
      expect(sink.keys()).toEqual({})
    }),
  )
})

describe('tracking', () => {
  test('a key column that another client renamed is recorded under its new name', () =>
    withClient(async (client) => {
      await sink.run('test', async () => {
        await client.query(`INSERT INTO t (name) VALUES ('a')`)
        await uncaptured(url, 'ALTER TABLE t RENAME id TO number')
        await client.query(`INSERT INTO t (name) VALUES ('a')`)
      })
      expect(sink.records.map(({ removal }) => removal)).toMatchObject([
        { args: { columns: ['id'] } },
        { args: { columns: ['number'] } },
      ])
    }))

  test('the recorded incarnation is the current one after another client truncated the table', () =>
    withClient(async (client) => {
      await sink.run('test', async () => {
        await client.query(`INSERT INTO t (name) VALUES ('a')`)
        await uncaptured(url, 'TRUNCATE t')
        await client.query(`INSERT INTO t (name) VALUES ('a')`)
      })
      const [before, after] = sink.records.map(({ proof }) => proof.incarnation)
      expect(before).not.toBe(after)
      expect((await once(url, `SELECT pg_relation_filenode('t') AS node`)).rows).toEqual([{ node: after }])
    }))

  test('the id of the store names host, port, database and system, without the password', () =>
    withClient(async (client) => {
      await sink.run('test', () => client.query(`INSERT INTO t (name) VALUES ('a')`))
      const { rows } = await once(
        url,
        `SELECT system_identifier || '.' || (SELECT oid FROM pg_database WHERE datname = current_database()) AS id FROM pg_control_system()`,
      )
      expect(sink.records[0]?.store.id).toBe(
        `postgres://localhost:${server.port}${new URL(url).pathname}#${rows[0].id}`,
      )
    }))

  test('rows of ignored tables are not tracked', () =>
    withClient(async (client) => {
      installed[Symbol.dispose]()
      installed = pgInstrument({ serves: () => true, ignoreTables: ['t'] }).install(pg, sink)
      await sink.run('test', () => client.query(`INSERT INTO t (name) VALUES ('a')`))
      expect([sink.records, sink.intents]).toEqual([[], []])
    }))

  test('a second instrument does not track rows twice, and nothing is tracked after disposal', () =>
    withClient(async (client) => {
      const second = pgInstrument({ serves: () => true, ignoreTables: [] }).install(pg, sink)
      await sink.run('test', () => client.query(`INSERT INTO t (name) VALUES ('a')`))
      second[Symbol.dispose]()
      installed[Symbol.dispose]()
      await sink.run('test', () => client.query(`INSERT INTO t (name) VALUES ('b')`))
      expect(sink.keys()).toEqual({ t: [1] })
    }))

  test('captureClient() adds nothing to a client whose class is already captured', () =>
    withClient(async (client) => {
      installed[Symbol.dispose]()
      installed = pgInstrument({ serves: () => true, ignoreTables: ['secured'] }).install(pg, sink)
      const keys = Reflect.ownKeys(client)
      captureClient(client, sink)
      expect(Reflect.ownKeys(client)).toEqual(keys)
      await sink.run('test', () => client.query(`INSERT INTO t (name) VALUES ('a')`))
      await sink.run('test', () => client.query(`INSERT INTO secured (name) VALUES ('a')`))
      expect(sink.keys()).toEqual({ t: [1] })
      installed[Symbol.dispose]()
      await sink.run('test', () => client.query(`INSERT INTO t (name) VALUES ('b')`))
      expect(sink.keys()).toEqual({ t: [1] })
    }))

  test('patched methods keep their name and length', () => {
    const { query } = pg.Client.prototype
    installed[Symbol.dispose]()
    expect(query).not.toBe(pg.Client.prototype.query)
    expect([query.name, query.length]).toEqual([pg.Client.prototype.query.name, pg.Client.prototype.query.length])
  })

  test('captureClient() for one pool tracks the rows of that pool only', async () => {
    installed[Symbol.dispose]()
    const [pool, other] = [new pg.Pool({ connectionString: url }), new pg.Pool({ connectionString: url })]
    const captured = captureClient(pool, sink)
    await sink.run('test', () => pool.query(`INSERT INTO t (name) VALUES ('a')`))
    await sink.run('test', () => other.query(`INSERT INTO t (name) VALUES ('b')`))
    expect(sink.keys()).toEqual({ t: [1] })
    captured[Symbol.dispose]()
    await Promise.all([pool.end(), other.end()])
  })

  test('a statement that cannot be parsed warns with DUSTPAN_SQL_UNPARSABLE if it succeeds', () =>
    withClient(async (client) => {
      await client.query('SET standard_conforming_strings = off')
      await sink.run('test', async () => {
        await client.query(`INSERT INTO t (name) VALUES ('it\\'s')`)
        await client.query(`INSERT INTO t (nope) VALUES ('it\\'s')`).catch(() => {})
      })
      expect(sink.warnings).toMatchObject([
        { code: 'DUSTPAN_SQL_UNPARSABLE', message: expect.stringContaining('INSERT INTO t (name)') },
      ])
    }))
})

/** Runs a statement on a connection that is not captured, as another process would. */
async function uncaptured(database: string, sql: string): Promise<void> {
  const client = new pg.Client(database)
  Object.defineProperty(client, Symbol.for('dustpan/postgres/own'), { value: true })
  await client.connect()
  await client.query(sql)
  await client.end()
}
