import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { RecordingSink } from '@dustpan/conformance/capture'
import { once } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import postgresJs from 'postgres'
import { afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { captureClient } from '../../src/capture/instrument.ts'
import { postgresJsInstrument } from '../../src/capture/postgres-js/instrument.ts'

const schema = `
  CREATE TABLE t (id serial PRIMARY KEY, name text UNIQUE, at timestamptz DEFAULT now());
  CREATE TABLE child (t int REFERENCES t ON DELETE CASCADE, n bigint, PRIMARY KEY (t, n));
  CREATE TABLE snake_case (some_id uuid PRIMARY KEY DEFAULT gen_random_uuid(), some_value jsonb);
  CREATE TABLE bare (n int);
`
type Sql = ReturnType<typeof postgresJs>

const server = await testServer()
let url: string
let sink: RecordingSink
let installed: Disposable | undefined

beforeAll(async () => {
  url = await server.database(schema)
})
const emptied = 'TRUNCATE t, child, snake_case, bare RESTART IDENTITY'
beforeEach(async () => {
  await once(url, emptied)
  sink = new RecordingSink()
  installed = postgresJsInstrument({ serves: () => true, ignoreTables: [] }).install(postgresJs, sink)
})
afterEach(() => installed?.[Symbol.dispose]())

function client(options: object = {}, target = url): Sql {
  const sql = postgresJs(target, { onnotice: () => {}, ...options })
  onTestFinished(() => sql.end({ timeout: 1 }))
  return sql
}

function sqlFile(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'dustpan-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'a.sql'), text)
  return join(folder, 'a.sql')
}

/** Everything that a result shows. */
function contentOf(result: unknown): unknown {
  if (!Array.isArray(result)) return result
  const { count, command, columns, statement } = result as unknown as { [name: string]: unknown }
  const { string, columns: described } = (statement ?? {}) as { string?: unknown; columns?: unknown }
  const names = (list: unknown) => (Array.isArray(list) ? list.map(({ name, type }) => [name, type]) : list)
  return { rows: [...result], count, command, columns: names(columns), string, described: names(described) }
}

const forms: { readonly [name: string]: readonly [run: (sql: Sql) => PromiseLike<unknown>, keys: object] } = {
  'a template without RETURNING': [(sql) => sql`INSERT INTO t (name) VALUES (${'a'})`, { t: [1] }],
  'a template without values': [(sql) => sql`INSERT INTO t (name) VALUES ('a'), ('b')`, { t: [1, 2] }],
  'a template with RETURNING': [
    (sql) => sql`INSERT INTO t (name) VALUES (${'a'}) RETURNING name, id AS "my id"`,
    { t: [1] },
  ],
  'a template with RETURNING * that inserts no row': [
    (sql) => sql`INSERT INTO child SELECT 1, 5 WHERE ${false} RETURNING *`,
    {},
  ],
  'a helper': [(sql) => sql`INSERT INTO t ${sql({ name: 'a' })}`, { t: [1] }],
  'a helper with several rows': [
    (sql) => sql`INSERT INTO ${sql('t')} ${sql([{ name: 'a' }, { name: 'b' }], 'name')} RETURNING id`,
    { t: [1, 2] },
  ],
  fragments: [
    (sql) => sql`INSERT INTO t (name) ${sql`VALUES (${'a'}), (${'b'})`} ${sql`RETURNING ${sql(['id', 'name'])}`}`,
    { t: [1, 2] },
  ],
  'an INSERT that is a fragment': [(sql) => sql`${sql`INSERT INTO t (name) VALUES (${'x'})`}`, { t: [1] }],
  'unsafe()': [(sql) => sql.unsafe(`INSERT INTO t (name) VALUES ('a')`), { t: [1] }],
  'unsafe() with values': [(sql) => sql.unsafe(`INSERT INTO t (name) VALUES ($1) RETURNING id`, ['a']), { t: [1] }],
  'unsafe(), prepared': [(sql) => sql.unsafe(`INSERT INTO t (name) VALUES ($1)`, ['a'], { prepare: true }), { t: [1] }],
  'simple()': [(sql) => sql`INSERT INTO t (name) VALUES ('a') RETURNING id`.simple(), { t: [1] }],
  'values()': [(sql) => sql`INSERT INTO t (name) VALUES (${'a'}) RETURNING id, name`.values(), { t: [1] }],
  'raw()': [(sql) => sql`INSERT INTO t (name) VALUES (${'a'}) RETURNING id, name`.raw(), { t: [1] }],
  'values() without RETURNING': [(sql) => sql`INSERT INTO t (name) VALUES (${'a'})`.values(), { t: [1] }],
  'forEach()': [
    async (sql) => {
      const rows: unknown[] = []
      const result = await sql`INSERT INTO t (name) VALUES ('a'), ('b') RETURNING name`.forEach(
        (row) => void rows.push(row),
      )
      return [rows, contentOf(result)]
    },
    { t: [1, 2] },
  ],
  WITH: [
    (sql) =>
      sql`WITH made AS (INSERT INTO t (name) VALUES (${'a'}) RETURNING id) INSERT INTO child SELECT id, ${7} FROM made RETURNING n`,
    { t: [1], child: [[1, 7]] },
  ],
  'WITH and a SELECT': [
    (sql) => sql`WITH made AS (INSERT INTO t (name) VALUES (${'a'}) RETURNING id, name) SELECT name FROM made`,
    { t: [1] },
  ],
  'an upsert': [
    async (sql) => {
      await sql`INSERT INTO t (name) VALUES ('a')`
      return sql`INSERT INTO t (name) VALUES (${'a'}), (${'b'}) ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING name`
    },
    { t: [1, 3] },
  ],
  'a key that the database generates': [
    (sql) => sql`INSERT INTO snake_case (some_value) VALUES (${sql.json({ a: 1 })})`,
    { snake_case: [expect.any(String)] },
  ],
  'a table without a key': [(sql) => sql`INSERT INTO bare VALUES (${1}) RETURNING n`, {}],
  'a prepared statement that is sent twice': [
    async (sql) => {
      const insert = (name: string) => sql`INSERT INTO t (name) VALUES (${name})`
      return [contentOf(await insert('a')), contentOf(await insert('b'))]
    },
    { t: [1, 2] },
  ],
  'a statement that fails, with the position of the error': [
    (sql) =>
      sql`INSERT INTO t (name) VALUES (${'a'}) RETURNING nothing`.catch(({ message, code, position }) => [
        message,
        code,
        position,
      ]),
    {},
  ],
  'an undefined value': [
    (sql) => sql`INSERT INTO t (name) VALUES (${undefined as never})`.catch(({ message, code }) => [message, code]),
    {},
  ],
}

describe.each([{}, { max: 1 }, { prepare: false }])('a client with options %j', (options) => {
  test.each(Object.entries(forms))(
    '%s: the result is the same with and without capture, and the rows are tracked',
    async (_, [run, keys]) => {
      installed?.[Symbol.dispose]()
      const bare = contentOf(await run(client(options)))
      await once(url, emptied)
      installed = postgresJsInstrument({ serves: () => true, ignoreTables: [] }).install(postgresJs, sink)
      const captured = contentOf(await sink.run('test', async () => await run(client(options))))
      expect(captured).toEqual(bare)
      expect(sink.keys('test')).toEqual(keys)
    },
  )
})

test('rows of a client with the transform `camel` are tracked', async () => {
  const sql = client(postgresJs.camel ? { transform: postgresJs.camel } : {})
  const rows = await sink.run(
    'test',
    async () => await sql`INSERT INTO snake_case ${sql({ someValue: { snakeCase: 1 } } as never)} RETURNING some_value`,
  )
  expect(rows).toEqual([{ someValue: { snakeCase: 1 } }])
  expect(sink.keys('test')).toEqual({ snake_case: [expect.any(String)] })
})

test('rows of a client with its own transforms or parsers are not tracked, with one warning for each kind', async () => {
  const asNumber = (text: unknown) => (/^\d+$/.test(String(text)) ? Number(text) : text)
  const clients = [
    { transform: { row: (row: object) => ({ ...row, more: 1 }) } },
    { transform: { value: (value: unknown) => `${value}!` } },
    { transform: { value: asNumber } },
    { types: { text: { to: 25, from: [25], serialize: (text: string) => text, parse: asNumber } } },
  ]
  for (const [i, options] of clients.entries()) {
    const sql = client(options)
    const [row] = await sink.run('test', async () => await sql`INSERT INTO t (name) VALUES (${`a${i}`}) RETURNING name`)
    expect(Object.keys(row ?? {})).not.toContain('__dustpan_0')
  }
  expect(sink.keys('test')).toEqual({})
  expect(sink.warnings.map(({ code, subject }) => `${code} ${subject}`)).toEqual([
    'DUSTPAN_SQL_UNATTRIBUTED postgres.js transform.row',
    'DUSTPAN_SQL_UNATTRIBUTED postgres.js transform.value',
    'DUSTPAN_SQL_UNATTRIBUTED postgres.js types',
  ])
})

test('an error has the query and the parameters that the user sent', async () => {
  const sql = client({ debug: true })
  const refused = (run: () => PromiseLike<unknown>) => sink.run('test', async () => await run()).catch((error) => error)
  await refused(() => sql`INSERT INTO t (name) VALUES (${'a'})`)
  const error = await refused(() => sql`INSERT INTO t (name) VALUES (${'a'})`)
  expect(error).toBeInstanceOf(postgresJs.PostgresError)
  expect(error).toMatchObject({
    code: '23505',
    query: 'INSERT INTO t (name) VALUES ($1)',
    parameters: ['a'],
    args: ['a'],
  })
  expect(Object.keys(error as object)).toContain('query')
})

describe('once a table is known', () => {
  async function knowing(options: object = {}): Promise<Sql> {
    const sql = client(options)
    await sink.run('before', async () => await sql`INSERT INTO t (name) VALUES ('known')`)
    return sql
  }

  test('a query is sent in time for an end() that does not wait for it', async () => {
    const sql = await knowing()
    await sink.run('test', async () => {
      const inserted = sql`INSERT INTO t (name) VALUES (${'a'})`.execute()
      await sql.end()
      await inserted
    })
    expect(sink.keys('test')).toEqual({ t: [2] })
  })

  test('values that change while another table is looked up do not change what is sent', async () => {
    const sql = await knowing({ max: 1 })
    const row: { [column: string]: string | number } = { n: 1, t: 1 }
    await sink.run('test', async () => {
      const inserted = sql`INSERT INTO child ${sql(row)}`.execute()
      setImmediate(() => Object.assign(row, { n: 2, more: 'x' }))
      await inserted
    })
    expect(sink.keys('test')).toEqual({ child: [[1, 1]] })
  })

  test('begin() behind an unfinished TRUNCATE on the only connection does not wait for ever', async () => {
    const sql = await knowing({ max: 1 })
    await sink.run('test', async () => {
      const emptied = sql`TRUNCATE t CASCADE`.execute()
      await sql.begin(async () => void (await emptied))
    })
    expect(sink.keys()).toEqual({})
  })
})

describe('transactions', () => {
  test('rows of begin() are tracked, except those of a savepoint that was rolled back', async () => {
    const sql = client()
    await sink.run('test', () =>
      sql.begin(async (tx) => {
        await tx`INSERT INTO t (name) VALUES ('a')`
        await tx
          .savepoint(async (sp) => {
            await sp`INSERT INTO t (name) VALUES ('b')`
            throw new Error('no')
          })
          .catch(() => {})
        await tx.savepoint((sp) => sp`INSERT INTO t (name) VALUES ('c')`)
      }),
    )
    expect(sink.keys('test')).toEqual({ t: [1, 3] })
    expect(sink.settled).toEqual(['committed'])
  })

  test('rows of begin() that rolls back are not tracked', async () => {
    const sql = client()
    const failing = sink.run('test', () =>
      sql.begin(async (tx) => {
        await tx`INSERT INTO t (name) VALUES ('a')`
        await tx`INSERT INTO t (name) VALUES ('a')`
      }),
    )
    await expect(failing).rejects.toMatchObject({ code: '23505' })
    expect(sink.keys('test')).toEqual({})
  })

  test('an array of queries in begin() keeps its order, and its rows are tracked', async () => {
    const sql = client()
    await sink.run('test', () =>
      sql.begin((tx) => [
        tx`CREATE TABLE made (id serial PRIMARY KEY)`,
        tx`INSERT INTO made DEFAULT VALUES`,
        tx`INSERT INTO t (name) SELECT 'n' || count(*) FROM made RETURNING name`,
      ]),
    )
    expect(await sql`SELECT name FROM t`).toEqual([{ name: 'n1' }])
    expect(sink.keys('test')).toEqual({ made: [1], t: [1] })
  })

  test('BEGIN and ROLLBACK on a reserved connection are followed', async () => {
    const reserved = await client().reserve()
    await sink.run('test', async () => {
      await reserved`BEGIN`
      await reserved`INSERT INTO t (name) VALUES ('a')`
      await reserved`ROLLBACK`
      await reserved`INSERT INTO t (name) VALUES ('b')`
    })
    reserved.release()
    expect(sink.keys('test')).toEqual({ t: [2] })
  })

  test.each<[string, (sql: Awaited<ReturnType<Sql['reserve']>>) => PromiseLike<unknown>, string]>([
    ['among several statements', (sql) => sql.unsafe('SELECT 1; COMMIT'), 'committed'],
    ['by ROLLBACK among several statements', (sql) => sql.unsafe('SELECT 1; ROLLBACK'), 'rolled-back'],
    ['before other statements', (sql) => sql.unsafe('COMMIT; SELECT 1'), 'unknown'],
    ['through a cursor', (sql) => sql`ROLLBACK`.cursor(1, () => {}), 'rolled-back'],
    ['in a file', (sql) => sql.file(sqlFile('SELECT 1; COMMIT')), 'committed'],
  ])('a transaction on a reserved connection is settled when it is ended %s', async (_, end, settled) => {
    const reserved = await client().reserve()
    await sink.run('test', async () => {
      await reserved`BEGIN`
      await reserved`INSERT INTO t (name) VALUES ('a')`
      await end(reserved)
    })
    reserved.release()
    expect(sink.settled).toEqual([settled])
    expect(sink.keys('test')).toEqual(settled === 'rolled-back' ? {} : { t: [1] })
  })

  test('a transaction whose connection is lost after COMMIT was sent is settled as unknown', async () => {
    const reserved = await client().reserve()
    await sink.run('test', async () => {
      await reserved`BEGIN`
      await reserved.unsafe(`INSERT INTO t (name) VALUES ('a')`)
      await Promise.allSettled([
        reserved.unsafe('SELECT pg_terminate_backend(pg_backend_pid()) AS begin'),
        reserved`COMMIT`,
      ])
    })
    expect(sink.settled).toEqual(['unknown'])
  })

  test('a transaction whose connection is lost before COMMIT is settled as rolled back', async () => {
    const reserved = await client().reserve()
    await sink.run('test', async () => {
      await reserved`BEGIN`
      await reserved`INSERT INTO t (name) VALUES ('a')`
      await expect(reserved`SELECT pg_terminate_backend(pg_backend_pid()) AS begin`).rejects.toThrow()
    })
    expect(sink.settled).toEqual(['rolled-back'])
    expect(sink.keys('test')).toEqual({})
  })
})

test('the rows of 50 concurrent scopes on 2 connections are each tracked for their own scope', async () => {
  const sql = client({ max: 2 })
  const scopes = Array.from({ length: 50 }, (_, index) => `test ${index}`)
  await Promise.all(
    scopes.map((scope) =>
      sink.run(scope, async () => {
        await sql`INSERT INTO t (name) VALUES (${scope})`
        await sql.begin((tx) => tx`INSERT INTO t (name) VALUES (${`${scope} in a transaction`})`)
      }),
    ),
  )
  const rows = await sql`SELECT id, name FROM t`
  for (const scope of scopes) {
    const own = rows.filter(({ name }) => name === scope || name === `${scope} in a transaction`)
    expect(new Set((sink.keys(scope) as { t: number[] }).t)).toEqual(new Set(own.map(({ id }) => id)))
  }
})

test('rows that a test deletes or truncates are no longer tracked', async () => {
  const sql = client()
  await sink.run('test', async () => {
    await sql`INSERT INTO t (name) VALUES ('a'), ('b'), ('c')`
    const gone = await sql`DELETE FROM t WHERE name = ${'b'}`
    expect(contentOf(gone)).toMatchObject({ rows: [], count: 1, command: 'DELETE' })
    expect(sink.keys('test')).toEqual({ t: [1, 3] })
    await sql`TRUNCATE t CASCADE`
  })
  expect(sink.keys('test')).toEqual({})
})

test('a query that is cancelled before it could be sent is not sent and does not block the next one', async () => {
  const sql = client({ max: 1 })
  const { id } = await sink.run('test', async () => {
    const inserted = sql`INSERT INTO t (name) VALUES ('a')`.execute()
    await new Promise((resolve) => setImmediate(resolve))
    inserted.cancel()
    await expect(inserted).rejects.toMatchObject({ code: '57014' })
    return (await sql`INSERT INTO t (name) VALUES ('b') RETURNING id`)[0] as { id: number }
  })
  expect(sink.keys('test')).toEqual({ t: [id] })
  expect(await sql`SELECT name FROM t`).toEqual([{ name: 'b' }])
})

test('file() returns its rows, and warns that they are not tracked', async () => {
  const sql = client()
  const file = join(mkdtempSync(join(tmpdir(), 'dustpan-sql-')), 'insert.sql')
  onTestFinished(() => rmSync(dirname(file), { recursive: true }))
  writeFileSync(file, `INSERT INTO t (name) VALUES ('a') RETURNING name`)
  expect([...(await sink.run('test', async () => await sql.file(file)))]).toEqual([{ name: 'a' }])
  expect(sink.warnings.map(({ subject }) => subject)).toEqual(['postgres.js file'])
})

test('several statements in one text, cursors and COPY are sent unchanged, with one warning each', async () => {
  const sql = client()
  await sink.run('test', async () => {
    await sql.unsafe(`INSERT INTO t (name) VALUES ('a'); INSERT INTO t (name) VALUES ('b')`)
    for await (const [row] of sql`INSERT INTO t (name) VALUES ('c') RETURNING name`.cursor())
      expect(row).toEqual({ name: 'c' })
    const copy = await sql`COPY t (name) FROM STDIN`.writable()
    await new Promise((resolve) => copy.end('d\n', () => resolve(undefined)))
  })
  expect(await sql`SELECT name FROM t ORDER BY 1`.values()).toEqual([['a'], ['b'], ['c'], ['d']])
  expect(sink.warnings.map(({ subject }) => subject).sort()).toEqual([
    'postgres.js copy',
    'postgres.js of several',
    'postgres.js through a cursor',
  ])
})

test('a table that has changed is looked up again', async () => {
  const own = await server.database(schema)
  const sql = client({}, own)
  await sink.run('test', async () => await sql`INSERT INTO t (name) VALUES ('a')`)
  await once(own, 'ALTER TABLE t DROP COLUMN id CASCADE; ALTER TABLE t ADD COLUMN key serial PRIMARY KEY')
  await sink.run('test', async () => await sql`INSERT INTO t (name) VALUES ('b')`)
  expect(await sql`SELECT count(*)::int AS n FROM t`).toEqual([{ n: 2 }])
  await sink.run('later', async () => await sql`INSERT INTO t (name) VALUES ('c')`)
  expect(sink.keys('later')).toEqual({ t: [3] })
})

test('captureClient() tracks a client of the CommonJS build', async () => {
  installed?.[Symbol.dispose]()
  const commonJs = createRequire(import.meta.url)('postgres') as typeof postgresJs
  const sql = commonJs(url, { max: 1 })
  onTestFinished(() => sql.end({ timeout: 1 }))
  installed = captureClient(sql, sink)
  await sink.run('test', async () => await sql`INSERT INTO t (name) VALUES ('a')`)
  expect(sink.keys('test')).toEqual({ t: [1] })
})

test('an INSERT outside a test is sent unchanged', async () => {
  const sql = client()
  const result = await sql`INSERT INTO t (name) VALUES ('a')`
  expect(contentOf(result)).toMatchObject({ rows: [], count: 1, string: `INSERT INTO t (name) VALUES ('a')` })
  expect(sink.intents).toEqual([])
})
