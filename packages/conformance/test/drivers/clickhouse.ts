/** ClickHouse through `@clickhouse/client`: the 2018 server from Debian, and the current engine from npm behind our own HTTP interface. */
import { createRequire } from 'node:module'
import { Readable } from 'node:stream'
import type { ClickHouseClient } from '@clickhouse/client'
import { server as findServer } from '@dustpan/conformance/servers'
import {
  type Address,
  type DriverSubject,
  type Excuse,
  type Form,
  freshCopy,
  hostileTexts,
  longText,
  type Options,
  type Place,
  type StoreClient,
  type StoreServer,
} from '../../src/drivers/index.ts'

interface Library {
  createClient(config: object): ClickHouseClient
}

const require = createRequire(new URL('../../../drivers/clickhouse/package.json', import.meta.url))
const library = require('@clickhouse/client') as Library
const unseen = freshCopy<Library>(require, '@clickhouse/client')

const excuses: readonly Excuse[] = [
  {
    cases: ['rollback', 'savepoint', 'open transaction, committed later', 'open transaction, rolled back later'],
    reason: 'ClickHouse has no transactions',
  },
  {
    cases: ['dependents of its own', 'dependents of a stranger', 'dependents of a stranger, given to the test’s own'],
    reason: 'ClickHouse has no foreign keys',
  },
  { cases: ['held by open work'], reason: 'ClickHouse has no locks on rows' },
  {
    cases: ['rejected creation', 'upsert'],
    reason:
      'keys are not unique, so nothing is rejected or changed for its key; the driver’s own tests have tables that merge rows',
  },
  {
    cases: ['partial failure', 'survives its removal'],
    reason: 'ClickHouse has no triggers and no rules: a mutation takes all of its rows',
  },
  {
    cases: ['key reused'],
    reason:
      'a table has nothing that tells that it was emptied: its rows are known by their keys and their number, or by the run’s id in a column',
  },
  {
    cases: ['read-only'],
    reason: 'a server does not become read-only while it runs; who may only read is a case of its own',
  },
]

const oldServer: Excuse = {
  cases: ['store replaced'],
  reason:
    'a database had no id of its own in 2018: one that was dropped and made anew under its name is taken for the same',
}

const noUsers: Excuse = {
  cases: ['wrong credentials', 'permission denied'],
  reason: 'the engine alone has no users',
}

export const clickhouse = subject('clickhouse', 'clickhouse', [...excuses, oldServer])
export const chdb = subject('clickhouse (chdb)', 'chdb', [...excuses, noUsers])

function subject(name: string, kind: 'clickhouse' | 'chdb', its: readonly Excuse[]): DriverSubject {
  return {
    name,
    use: '@dustpan/clickhouse',
    kind: 'things',
    library: { name: '@clickhouse/client', range: '^1.0.0' },
    excuses: its,
    async start() {
      const server = await findServer(kind)
      if ('missing' in server) return server
      const url = new URL(server.url)
      const version = Number(server.version.split('.')[0])
      return {
        product: server.product,
        address: { host: url.hostname, port: server.port },
        secrets: [wrong, ...(kind === 'chdb' ? [] : ['secret'])],
        async place({ at } = {}) {
          const direct = new URL(await server.database())
          // The engine checks no password, but it must not appear anywhere either.
          if (kind === 'chdb') direct.password = wrong
          return place(direct, at, version, kind === 'chdb' ? undefined : await server.readOnly?.(direct.href))
        },
        [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
      } satisfies StoreServer
    },
  }
}

const wrong = 'not-the-word-7d1e'

async function place(
  direct: URL,
  at: Address | undefined,
  version: number,
  reader: string | undefined,
): Promise<Place> {
  const database = direct.pathname.slice(1)
  const through = to(direct, at)
  const system = new URL('/system', direct)
  const make = async () => {
    await ask(direct, `CREATE TABLE things (id UInt64, text String) ${sorted('id')}`)
  }
  await make()
  return {
    options: { url: through.href },
    remove: { table: 'things' },
    libraries: [library],
    client: async ({ pool = 1, unseen: isStranger } = {}) =>
      isStranger ? client(unseen, direct, pool, version) : client(library, through, pool, version),
    list: () => everything(direct),
    forms: forms(version),
    keyTypes: keyTypes(version),
    hostile: hostile(version),
    remakes: remakes.map(({ title, script }) => ({
      title,
      remake: (on, [a, b]) => oneByOne((on as HouseClient).house, direct, script(Number(a), Number(b))),
    })),
    empty: () => ask(direct, 'TRUNCATE TABLE things').then(() => {}),
    async replace() {
      await ask(system, `DROP DATABASE ${database}`)
      await ask(system, `CREATE DATABASE ${database}`)
      await make()
    },
    ...(reader === undefined
      ? {}
      : {
          powerless: async (): Promise<Options> => ({ url: to(new URL(reader), at).href }),
          wrongCredentials: { url: withPassword(to(new URL(reader), at)).href },
        }),
    [Symbol.asyncDispose]: async () => void (await ask(system, `DROP DATABASE IF EXISTS ${database}`)),
  }
}

const sorted = (by: string) => `ENGINE = MergeTree ORDER BY ${by}`

const back = (...keys: readonly number[]) =>
  `INSERT INTO things (id, text) VALUES ${keys.map((id) => `(${id}, 'of a stranger')`).join(', ')}`
const made = `CREATE TABLE things (id UInt64, text String) ${sorted('id')}`

/** Ways in which existing rows are deleted and created again unchanged. */
const remakes: readonly { readonly title: string; script(a: number, b: number): readonly string[] }[] = [
  { title: 'TRUNCATE', script: (a, b) => ['TRUNCATE TABLE things', back(a, b)] },
  { title: 'a mutation', script: (a, b) => [`ALTER TABLE things DELETE WHERE text LIKE 'of a%'`, back(b, a)] },
  { title: 'a partition', script: (a, b) => ['ALTER TABLE things DROP PARTITION tuple()', back(a), back(b)] },
  { title: 'DROP and CREATE', script: (a, b) => ['DROP TABLE things', made, back(a, b)] },
  {
    title: 'by another name',
    script: (a, b) => ['RENAME TABLE things TO others', 'TRUNCATE TABLE others', 'DROP TABLE others', made, back(a, b)],
  },
]

async function oneByOne(house: ClickHouseClient, direct: URL, statements: readonly string[]): Promise<void> {
  const running = 'SELECT count() FROM system.mutations WHERE is_done = 0 AND database = currentDatabase()'
  for (const query of statements) {
    await house.command({ query })
    while ((await ask(direct, running)).trim() !== '0');
  }
}

function to(url: URL, at: Address | undefined): URL {
  const other = new URL(url)
  if (at) [other.hostname, other.port] = [at.host, String(at.port)]
  return other
}

function withPassword(url: URL): URL {
  const other = new URL(url)
  other.password = wrong
  return other
}

async function ask(url: URL, sql: string): Promise<string> {
  const headers = { 'X-ClickHouse-User': url.username || 'default', 'X-ClickHouse-Key': url.password }
  const response = await fetch(`${url.origin}/?database=${url.pathname.slice(1)}`, {
    method: 'POST',
    body: sql,
    headers,
  })
  const text = await response.text()
  if (!response.ok) throw new Error(text)
  return text
}

async function everything(url: URL): Promise<readonly string[]> {
  const lines: string[] = []
  for (const name of (
    await ask(url, 'SELECT name FROM system.tables WHERE database = currentDatabase() FORMAT JSONEachRow')
  ).split('\n')) {
    if (name === '') continue
    const table = String(JSON.parse(name).name)
    const rows = await ask(url, `SELECT * FROM ${quoted(table)} FORMAT JSONEachRow`)
    lines.push(...rows.split('\n').flatMap((row) => (row === '' ? [] : [`${table} ${row}`])))
  }
  return lines.sort()
}

interface HouseClient extends StoreClient {
  readonly house: ClickHouseClient
  /** Creates a table with a client that Dustpan does not capture. */
  make(table: string, columns: string, by: string): Promise<unknown>
}

let ids = 0

function client({ createClient }: Library, url: URL, pool: number, version: number): HouseClient {
  const house = createClient({ url: url.href, max_open_connections: pool, log: { level: 127 } })
  const insert = (values: readonly object[]) => house.insert({ table: 'things', values, format: 'JSONEachRow' })
  return {
    house,
    make: (table, columns, by) => ask(url, `CREATE TABLE IF NOT EXISTS ${quoted(table)} (${columns}) ${sorted(by)}`),
    async create(count, text = 'text') {
      const keys = Array.from({ length: count }, () => ++ids)
      await insert(keys.map((id) => ({ id, text })))
      return keys
    },
    createAs: async (key) => void (await insert([{ id: key, text: 'text' }])),
    async remove(keys) {
      const settings = version > 20 ? { mutations_sync: '2' } : {}
      await house.command({
        query: `ALTER TABLE things DELETE WHERE id IN (${keys.join()})`,
        clickhouse_settings: settings,
      })
      for (;;) {
        const left = await ask(url, `SELECT count() FROM things WHERE id IN (${keys.join()})`)
        if (left.trim() === '0') return
      }
    },
    [Symbol.asyncDispose]: () => house.close(),
  }
}

const act =
  (work: (house: ClickHouseClient) => Promise<unknown>, count: number): Form['create'] =>
  async (on) => {
    await work((on as HouseClient).house)
    return count
  }

function forms(version: number): readonly Form[] {
  const row = () => ({ id: ++ids, text: 'a' })
  const rows = () => [row(), row(), row()]
  const text = () => `(${++ids}, 'it''s'), (${++ids}, 'b')`
  const insert = (values: () => unknown, format: string, count: number, more: object = {}) =>
    act(
      (house) => house.insert({ table: 'things', values: values() as never, format: format as never, ...more }),
      count,
    )
  const since = (least: number, form: Form) => (version >= least ? [form] : [])
  return [
    { title: 'objects', create: insert(rows, 'JSONEachRow', 3) },
    { title: 'a stream of objects', create: insert(() => Readable.from(rows()), 'JSONEachRow', 3) },
    { title: 'columns', create: insert(rows, 'JSONEachRow', 3, { columns: ['text', 'id'] }) },
    ...since(20, {
      title: 'arrays',
      create: insert(
        () => [
          [++ids, 'a'],
          [++ids, 'b'],
        ],
        'JSONCompactEachRow',
        2,
      ),
    }),
    ...since(20, {
      title: 'arrays in another order',
      create: insert(() => [['a', ++ids]], 'JSONCompactEachRow', 1, { columns: ['text', 'id'] }),
    }),
    ...since(20, {
      title: 'all columns but one',
      create: insert(() => [[++ids]], 'JSONCompactEachRow', 1, { columns: { except: ['text'] } }),
    }),
    { title: 'VALUES', create: act((house) => house.command({ query: `INSERT INTO things VALUES ${text()}` }), 2) },
    {
      title: 'VALUES with columns',
      create: act((house) => house.command({ query: `INSERT INTO things (text, id) VALUES ('a', ${++ids})` }), 1),
    },
    {
      title: 'exec',
      create: act(async (house) => {
        const { stream } = await house.exec({ query: `INSERT INTO things VALUES ${text()}` })
        stream.resume()
      }, 2),
    },
    ...since(20, {
      title: 'parameters',
      create: act(
        (house) =>
          house.command({
            query: 'INSERT INTO things VALUES ({id: UInt64}, {text: String})',
            query_params: { id: ++ids, text: `it's` },
          }),
        1,
      ),
    }),
  ]
}

/** A value for each type; `since`: the year in which servers began to support it. */
const keys: readonly { readonly type: string; readonly value: unknown; readonly since?: number }[] = [
  { type: 'UInt8', value: 255 },
  { type: 'Int64', value: '-9223372036854775808' },
  { type: 'UInt64', value: '18446744073709551615' },
  { type: 'Float32', value: 0.1 },
  { type: 'Float64', value: 0.1 },
  { type: 'Decimal(18, 2)', value: 1.5 },
  { type: 'String', value: 'a' },
  { type: 'FixedString(4)', value: 'a' },
  { type: 'Date', value: '2024-02-29' },
  { type: 'DateTime', value: '2024-02-29 12:00:00' },
  { type: `DateTime('Asia/Tokyo')`, value: '2024-02-29 12:00:00' },
  { type: 'UUID', value: '3F2504E0-4F89-11D3-9A0C-0305E82C3301' },
  { type: `Enum8('happy' = 1, 'so-so' = 2)`, value: 'so-so' },
  { type: 'Bool', value: true, since: 22 },
  {
    type: 'Int256',
    value: '-57896044618658097711785492504343953926634992332820282019728792003956564819968',
    since: 21,
  },
  { type: 'DateTime64(6)', value: '2024-02-29 12:00:00.123456', since: 21 },
  { type: 'Date32', value: '1930-01-01', since: 22 },
  { type: 'IPv4', value: '10.0.0.1', since: 21 },
  { type: 'IPv6', value: '::1', since: 21 },
  { type: 'LowCardinality(String)', value: 'a', since: 20 },
]

const known = (version: number) => keys.filter(({ since = 0 }) => version >= since)
const quoted = (name: string) => `\`${name.replace(/[\\`]/g, '\\$&')}\``
const keyTable = (type: string) => `keyed by ${type.replace(/\W+/g, ' ').trim()}`
/** Tables are created when first used: there are many, and only a few cases need them. */
const into =
  (table: string, columns: string, by: string, ...values: readonly object[]): Form['create'] =>
  async (on) => {
    const { house, make } = on as HouseClient
    await make(table, columns, by)
    await house.insert({ table: quoted(table), values, format: 'JSONEachRow' })
    return values.length
  }

const keyTypes = (version: number): readonly Form[] => [
  ...known(version).map(({ type, value }) => ({
    title: type,
    create: into(keyTable(type), `id ${type}`, 'id', { id: value }),
  })),
  {
    title: 'two columns',
    create: into('composite', 'a UInt8, b String', '(b, a)', { a: 1, b: 'a' }, { a: 1, b: 'b' }),
  },
  {
    title: 'not sorted, with an id',
    create: into('unsorted', 'id UInt64, text String', 'tuple()', { id: 7, text: 'a' }),
  },
]

const longName = longText(100)
const names = (version: number) =>
  version >= 20 ? [...hostileTexts, longName] : hostileTexts.filter((name) => !/[\\/.]/.test(name))

const hostile = (version: number): readonly Form[] => [
  ...names(version).map((name) => ({
    title: `a table and its column called ${JSON.stringify(name).slice(0, 60)}`,
    create: into(name, `${quoted(name)} String`, quoted(name), { [name]: 'a' }),
  })),
  ...[...hostileTexts, longText(10_000), '', 'a\0b'].map((key) => ({
    title: `a key ${JSON.stringify(key).slice(0, 60)}`,
    create: into(keyTable('String'), 'id String', 'id', { id: key }),
  })),
  {
    title: 'a megabyte',
    create: act(
      (house) =>
        house.insert({ table: 'things', values: [{ id: ++ids, text: longText(2 ** 20) }], format: 'JSONEachRow' }),
      1,
    ),
  },
]
