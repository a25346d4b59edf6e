/** PostgreSQL through `pg`. */
import { createRequire } from 'node:module'
import type { Json } from '@dustpan/core/driver'
import type pg from 'pg'
import {
  type Address,
  type DriverSubject,
  type Form,
  freshCopy,
  hostileTexts,
  longText,
  type OpenTransaction,
  type Place,
  type StoreClient,
} from '../../src/drivers/index.ts'
import { server } from '../../src/servers/index.ts'
import { back, sqlRemakes } from './sql-remakes.ts'

const require = createRequire(new URL('../../../drivers/postgres/package.json', import.meta.url))
const library = require('pg') as typeof pg
const unseen = freshCopy<typeof pg>(require, 'pg')

const password = 'pg-secret-9f2c'

interface PgStoreClient extends StoreClient {
  readonly pool: pg.Pool
}

export const postgres: DriverSubject = {
  name: 'postgres',
  use: '@dustpan/postgres',
  kind: 'things',
  library: { name: 'pg', range: '^8.11' },
  excuses: [],
  async start() {
    const found = await server('postgres')
    if ('missing' in found) return found
    const template = new URL(await found.database(schema))
    const teller = `teller_${process.pid}`
    await rows(
      template,
      `CREATE ROLE ${teller} LOGIN PASSWORD '${password}'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${teller}`,
    )
    return {
      product: found.product,
      address: { host: template.hostname, port: found.port },
      secrets: [decodeURIComponent(template.password), password],
      place: ({ at } = {}) => place(template, teller, at),
      async [Symbol.asyncDispose]() {
        await rows(template, `DROP OWNED BY ${teller}; DROP ROLE ${teller}`)
        await found[Symbol.asyncDispose]()
      },
    }
  },
}

let databases = 0

/** A new database, copied from the template. */
async function place(template: URL, teller: string, at: Address | undefined): Promise<Place> {
  const name = `place_${process.pid}_${++databases}`
  const [maintenance, direct] = [new URL('/postgres', template), new URL(`/${name}`, template)]
  const make = () => rows(maintenance, `CREATE DATABASE ${name} TEMPLATE ${template.pathname.slice(1)}`)
  const drop = () => rows(maintenance, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
  await make()
  const through = new URL(direct)
  if (at) [through.hostname, through.port] = [at.host, String(at.port)]
  const poolOf = (library: typeof pg, url: URL, max: number) => new library.Pool({ connectionString: url.href, max })
  return {
    options: { url: through.href },
    remove: { table: 'things' },
    libraries: [library],
    client: async ({ pool = 1, unseen: isStranger } = {}) =>
      client(isStranger ? poolOf(unseen, direct, pool) : poolOf(library, through, pool)),
    list: () => everything(direct),
    forms,
    keyTypes,
    hostile,
    remakes,
    async empty() {
      await rows(direct, 'TRUNCATE things RESTART IDENTITY CASCADE')
    },
    async replace() {
      await drop()
      await make()
    },
    resist: (key) => trigger(direct, key, `RAISE EXCEPTION 'this one stays'`),
    survive: (key) => trigger(direct, key, 'RETURN NULL'),
    hold: (key) => hold(direct, key),
    async readOnly() {
      await rows(maintenance, `ALTER DATABASE ${name} SET default_transaction_read_only = on`)
      const end = `ALTER DATABASE ${name} RESET default_transaction_read_only`
      return { [Symbol.asyncDispose]: async () => void (await rows(maintenance, end)) }
    },
    powerless: async () => ({ url: as(through, teller, password) }),
    wrongCredentials: { url: as(through, teller, `not-${password}`) },
    async [Symbol.asyncDispose]() {
      await drop()
    },
  }
}

function as(url: URL, user: string, secret: string): string {
  const other = new URL(url)
  ;[other.username, other.password] = [user, secret]
  return other.href
}

/** Uses a connection of its own, which Dustpan does not capture. */
async function rows(url: URL, sql: string): Promise<readonly Record<string, unknown>[]> {
  const connection = new unseen.Client(url.href)
  await connection.connect()
  try {
    const result: unknown = await connection.query(sql)
    return [result].flat().flatMap((one) => (one as pg.QueryResult).rows)
  } finally {
    await connection.end()
  }
}

async function everything(url: URL): Promise<readonly string[]> {
  const tables = await rows(
    url,
    `SELECT oid::regclass::text AS name FROM pg_class WHERE relkind = 'r' AND relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace, 'pg_toast'::regnamespace)`,
  )
  const each = tables.map(
    ({ name }) => `SELECT '${String(name).replaceAll("'", "''")} ' || t::text AS line FROM ${name} t`,
  )
  return (await rows(url, each.join(' UNION ALL '))).map(({ line }) => String(line)).sort()
}

let triggers = 0

async function trigger(url: URL, key: Json, act: string): Promise<AsyncDisposable> {
  const name = `stays_${++triggers}`
  await rows(
    url,
    `CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN ${act.replaceAll("'", "''")}; END';
     CREATE TRIGGER ${name} BEFORE DELETE ON things FOR EACH ROW WHEN (OLD.id = ${Number(key)}) EXECUTE FUNCTION ${name}()`,
  )
  return { [Symbol.asyncDispose]: async () => void (await rows(url, `DROP FUNCTION IF EXISTS ${name}() CASCADE`)) }
}

async function hold(url: URL, key: Json): Promise<AsyncDisposable> {
  const connection = new unseen.Client(url.href)
  await connection.connect()
  await connection.query('BEGIN')
  await connection.query('SELECT FROM things WHERE id = $1 FOR UPDATE', [key])
  return { [Symbol.asyncDispose]: () => connection.end() }
}

function client(pool: pg.Pool): PgStoreClient {
  pool.on('error', () => {})
  return {
    pool,
    create: (count, text) => create(pool, count, text),
    async createAs(key) {
      await pool.query('INSERT INTO things (id) VALUES ($1)', [key])
    },
    async remove(keys) {
      await pool.query('DELETE FROM things WHERE id = ANY($1)', [keys])
    },
    async upsert(key) {
      await pool.query(`INSERT INTO things (id) VALUES ($1) ON CONFLICT (id) DO UPDATE SET text = 'changed'`, [key])
    },
    async createDependent(key) {
      await pool.query('INSERT INTO parts (thing) VALUES ($1)', [key])
    },
    async repoint(from, to) {
      await pool.query('UPDATE parts SET thing = $2 WHERE thing = $1', [from, to])
    },
    begin: async () => transaction(await pool.connect()),
    [Symbol.asyncDispose]: () => pool.end(),
  }
}

async function create(on: pg.Pool | pg.PoolClient, count: number, text = 'text'): Promise<readonly Json[]> {
  const sql = 'INSERT INTO things (text) SELECT $1 FROM generate_series(1, $2) RETURNING id'
  return (await on.query(sql, [text, count])).rows.map(({ id }) => id)
}

async function transaction(connection: pg.PoolClient): Promise<OpenTransaction> {
  await connection.query('BEGIN')
  let savepoints = 0
  const end = async (how: 'COMMIT' | 'ROLLBACK') => {
    await connection.query(how)
    connection.release()
  }
  return {
    create: (count) => create(connection, count),
    async savepoint() {
      const name = `point_${++savepoints}`
      await connection.query(`SAVEPOINT ${name}`)
      return async () => void (await connection.query(`ROLLBACK TO ${name}`))
    },
    commit: () => end('COMMIT'),
    rollback: () => end('ROLLBACK'),
  }
}

const statement =
  (query: string | pg.QueryConfig, count: number): Form['create'] =>
  async (on) => {
    await (on as PgStoreClient).pool.query(query)
    return count
  }

const insert = `INSERT INTO things (text) VALUES ('a')`

const forms: readonly Form[] = [
  { title: 'a statement', create: statement(insert, 1) },
  { title: 'several rows', create: statement(`${insert}, ('b'), ('c')`, 3) },
  { title: 'parameters', create: statement({ text: 'INSERT INTO things (text) VALUES ($1)', values: ['a'] }, 1) },
  { title: 'prepared', create: statement({ name: 'one', text: insert }, 1) },
  { title: 'RETURNING', create: statement(`${insert} RETURNING text`, 1) },
  { title: 'INSERT … SELECT', create: statement('INSERT INTO things (text) SELECT i FROM generate_series(1, 3) i', 3) },
  {
    title: 'WITH',
    create: statement(`WITH a AS (${insert} RETURNING id) INSERT INTO parts (thing) SELECT id FROM a`, 2),
  },
  { title: 'several statements', create: statement(`${insert}; SELECT 1; ${insert}`, 2) },
  { title: 'ON CONFLICT', create: statement(`${insert} ON CONFLICT DO NOTHING`, 1) },
  {
    title: 'a callback',
    create: (on) =>
      new Promise((resolve, reject) => {
        ;(on as PgStoreClient).pool.query(insert, (error: Error | undefined) => (error ? reject(error) : resolve(1)))
      }),
  },
  {
    title: 'a client of the pool',
    async create(on) {
      const connection = await (on as PgStoreClient).pool.connect()
      await connection.query(insert).finally(() => connection.release())
      return 1
    },
  },
]

const remakes = sqlRemakes(
  {
    RETURNING: (a) => [`DELETE FROM things WHERE id = ${a} RETURNING *`, back(a)],
    TRUNCATE: (a, b) => ['TRUNCATE things CASCADE', back(a), back(b)],
    MERGE: (a) => [
      `MERGE INTO things USING (VALUES (${a})) given (id) ON things.id = given.id WHEN MATCHED THEN DELETE`,
      back(a),
    ],
    'by a function': (a) => [`DO 'BEGIN DELETE FROM things WHERE id = ${a}; END'`, back(a)],
    'by a cursor': (a) => [
      ...['BEGIN', `DECLARE c CURSOR FOR SELECT FROM things WHERE id = ${a} FOR UPDATE`, 'FETCH c'],
      ...['DELETE FROM things WHERE CURRENT OF c', back(a), 'COMMIT'],
    ],
    'several statements at once': (a) => [`DELETE FROM things WHERE id = ${a}; ${back(a)}`],
    'an upsert that finds it': (a) => [`${back(a)} ON CONFLICT (id) DO UPDATE SET text = EXCLUDED.text`],
  },
  async (on, statements) => {
    const connection = await (on as PgStoreClient).pool.connect()
    try {
      for (const sql of statements) await connection.query(sql)
    } finally {
      connection.release()
    }
  },
)

/** A literal for each type. */
const keys: Readonly<Record<string, string>> = {
  smallint: '-1',
  bigint: '9223372036854775807',
  numeric: '1.50',
  'double precision': '0.1',
  real: '0.1',
  text: `'a'`,
  'varchar(9)': `'a'`,
  'char(4)': `'a'`,
  uuid: `'3F2504E0-4F89-11D3-9A0C-0305E82C3301'`,
  boolean: 'true',
  date: `'2024-02-29'`,
  timestamp: `'2024-02-29 12:00:00.123456'`,
  timestamptz: `'2024-02-29 12:00:00.123456+05'`,
  time: `'23:59:59.5'`,
  interval: `'1 month 2 days'`,
  bytea: `'\\x00ff'`,
  inet: `'::1/64'`,
  'int[]': `'{1,2}'`,
  int4range: `'[1,5)'`,
  jsonb: `'{"a": [1, null]}'`,
  'bit(3)': `'101'`,
  mood: `'so-so'`,
  positive: '7',
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`
const keyTable = (type: string) => quoted(`keyed by ${type}`)

const keyTypes: readonly Form[] = [
  ...Object.entries(keys).map(([type, literal]) => ({
    title: type,
    create: statement(`INSERT INTO ${keyTable(type)} VALUES (${literal})`, 1),
  })),
  { title: 'two columns', create: statement(`INSERT INTO composite VALUES (1, 'a'), (1, 'b')`, 2) },
]

/** Names of maximum length. */
const names = [...hostileTexts, longText(63)]

const hostile: readonly Form[] = [
  ...names.map((name) => ({
    title: `a table and its column called ${JSON.stringify(name)}`,
    create: statement(`INSERT INTO ${quoted(name)} VALUES ('a')`, 1),
  })),
  ...[...hostileTexts, longText(2_000), ''].map((key) => ({
    title: `a key ${JSON.stringify(key).slice(0, 60)}`,
    create: statement({ text: `INSERT INTO ${keyTable('text')} VALUES ($1)`, values: [key] }, 1),
  })),
  {
    title: 'a megabyte',
    create: statement({ text: 'INSERT INTO things (text) VALUES ($1)', values: [longText(2 ** 20)] }, 1),
  },
]

const schema = `
  CREATE TYPE mood AS ENUM ('happy', 'so-so'); CREATE DOMAIN positive AS int CHECK (VALUE > 0);
  CREATE TABLE things (id serial PRIMARY KEY, text text);
  CREATE TABLE parts (id serial PRIMARY KEY, thing int NOT NULL REFERENCES things ON DELETE CASCADE);
  CREATE TABLE composite (a int, b text, PRIMARY KEY (b, a));
  ${Object.keys(keys)
    .map((type) => `CREATE TABLE ${keyTable(type)} (id ${type} PRIMARY KEY);`)
    .join('\n')}
  ${names.map((name) => `CREATE TABLE ${quoted(name)} (${quoted(name)} text PRIMARY KEY);`).join('\n')}
`
