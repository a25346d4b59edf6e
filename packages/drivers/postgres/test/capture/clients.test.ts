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

describe('Styles of calling', () => {
  test('a callback, in whose frame the scope is the caller’s', () =>
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

  test('events of a query object, row by row', () =>
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

  test('many at once, before the connection stands and before the parser is loaded', async () => {
    const client = new pg.Client(url)
    const results = sink.run('test', () =>
      [1, 2, 3].map((n) => client.query('INSERT INTO t (name) VALUES ($1) RETURNING id', [`n${n}`])),
    )
    await client.connect()
    expect((await Promise.all(results)).map(({ rows }) => rows)).toEqual([[{ id: 1 }], [{ id: 2 }], [{ id: 3 }]])
    expect(sink.keys('test')).toEqual({ t: [1, 2, 3] })
    await client.end()
  })

  test('a row limit for each portal', () =>
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

  test('values in the binary format', () =>
    withClient(async (client) => {
      await sink.run('test', () =>
        client.query({ text: 'INSERT INTO t (name) VALUES ($1)', values: ['a'], binary: true } as pg.QueryConfig),
      )
      expect(sink.keys()).toEqual({ t: [1] })
    }))

  test('wrong calls throw what pg throws', () =>
    withClient(async (client) => {
      expect(() => client.query(null as never)).toThrow('null or undefined query')
      expect(() => client.query('INSERT INTO t DEFAULT VALUES', [], 7 as never)).toThrow('callback is not a function')
    }))
})

describe('Pools', () => {
  test('50 scopes at once on 2 connections keep their rows apart', async () => {
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

describe('Roles', () => {
  const asInserter = () => url.replace('postgres:secret', `${inserter}:secret`)

  test('an insert that may not read is left alone, once warned of, and its intent is closed', () =>
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

  test('an insert under row-level security is left alone', () =>
    withClient(async (client) => {
      await sink.run('test', () => client.query(`INSERT INTO secured (name) VALUES ('a')`))
      expect(sink.warnings).toMatchObject([
        { code: 'DUSTPAN_SQL_UNATTRIBUTED', message: expect.stringContaining('row-level security') },
      ])
    }, asInserter()))

  test('SET ROLE is noticed, and undone with its transaction', () =>
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

  test('in a transaction its rows are found, and no others', () =>
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

  test('outside a transaction it is warned of', () =>
    withClient(async (client) => {
      await sink.run('test', () => copy(client, 'a\n'))
      expect(sink.warnings).toMatchObject([
        { code: 'DUSTPAN_SQL_UNATTRIBUTED', message: expect.stringContaining('between BEGIN and COMMIT') },
      ])
    }))
})

describe('Cursors', () => {
  test.each([
    ['pg-cursor', new Cursor(`INSERT INTO t (name) VALUES ('a') RETURNING id`), 1],
    [
      'pg-query-stream',
      new QueryStream(`WITH n AS (INSERT INTO t (name) VALUES ('a') RETURNING id) SELECT * FROM n`),
      1,
    ],
    ['pg-cursor that only reads', new Cursor(`SELECT 'insert into t'`), 0],
  ])('an INSERT by %s is warned of', (_library, query, warnings) =>
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

describe('What is captured', () => {
  test('a table made anew by somebody else, with another key', () =>
    withClient(async (client) => {
      await sink.run('test', async () => {
        await client.query(`INSERT INTO t (name) VALUES ('a')`)
        await outsideOfCapture(url, 'ALTER TABLE t RENAME id TO number')
        await client.query(`INSERT INTO t (name) VALUES ('a')`)
      })
      expect(sink.records.map(({ removal }) => removal)).toMatchObject([
        { args: { columns: ['id'] } },
        { args: { columns: ['number'] } },
      ])
    }))

  test('the incarnation is that of the moment, though somebody else emptied the table', () =>
    withClient(async (client) => {
      await sink.run('test', async () => {
        await client.query(`INSERT INTO t (name) VALUES ('a')`)
        await outsideOfCapture(url, 'TRUNCATE t')
        await client.query(`INSERT INTO t (name) VALUES ('a')`)
      })
      const [before, after] = sink.records.map(({ proof }) => proof.incarnation)
      expect(before).not.toBe(after)
      expect((await once(url, `SELECT pg_relation_filenode('t') AS node`)).rows).toEqual([{ node: after }])
    }))

  test('the store is named by the client, without its password', () =>
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

  test('tables that are ignored are not', () =>
    withClient(async (client) => {
      installed[Symbol.dispose]()
      installed = pgInstrument({ serves: () => true, ignoreTables: ['t'] }).install(pg, sink)
      await sink.run('test', () => client.query(`INSERT INTO t (name) VALUES ('a')`))
      expect([sink.records, sink.intents]).toEqual([[], []])
    }))

  test('nothing once the instrument is gone, and a second one changes nothing', () =>
    withClient(async (client) => {
      const second = pgInstrument({ serves: () => true, ignoreTables: [] }).install(pg, sink)
      await sink.run('test', () => client.query(`INSERT INTO t (name) VALUES ('a')`))
      second[Symbol.dispose]()
      installed[Symbol.dispose]()
      await sink.run('test', () => client.query(`INSERT INTO t (name) VALUES ('b')`))
      expect(sink.keys()).toEqual({ t: [1] })
    }))

  test('a client that is handed over beside its class is seen once, and is not changed', () =>
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

  test('the methods keep their names and lengths', () => {
    const { query } = pg.Client.prototype
    installed[Symbol.dispose]()
    expect(query).not.toBe(pg.Client.prototype.query)
    expect([query.name, query.length]).toEqual([pg.Client.prototype.query.name, pg.Client.prototype.query.length])
  })

  test('one pool alone', async () => {
    installed[Symbol.dispose]()
    const [pool, other] = [new pg.Pool({ connectionString: url }), new pg.Pool({ connectionString: url })]
    const captured = captureClient(pool, sink)
    await sink.run('test', () => pool.query(`INSERT INTO t (name) VALUES ('a')`))
    await sink.run('test', () => other.query(`INSERT INTO t (name) VALUES ('b')`))
    expect(sink.keys()).toEqual({ t: [1] })
    captured[Symbol.dispose]()
    await Promise.all([pool.end(), other.end()])
  })

  test('a statement that only the server can read is warned of, once it was carried out', () =>
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

/** On a connection that no instrument sees, as another process has it. */
async function outsideOfCapture(database: string, sql: string): Promise<void> {
  const client = new pg.Client(database)
  Object.defineProperty(client, Symbol.for('dustpan/postgres/own'), { value: true })
  await client.connect()
  await client.query(sql)
  await client.end()
}
