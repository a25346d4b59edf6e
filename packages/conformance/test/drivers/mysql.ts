/** MariaDB and MySQL through `mysql2`. */
import { createRequire } from 'node:module'
import type { Json } from '@dustpan/core/driver'
import type mysql from 'mysql2'
import type { Pool, PoolConnection } from 'mysql2/promise'
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

const require = createRequire(new URL('../../../drivers/mysql/package.json', import.meta.url))
const library = require('mysql2') as typeof mysql
const unseen = freshCopy<typeof mysql>(require, 'mysql2')

const password = 'mysql-secret-4d81'

interface MysqlStoreClient extends StoreClient {
  readonly pool: mysql.Pool
}

const subject = (name: string, kind: 'mariadb' | 'mysql', excuses: DriverSubject['excuses']): DriverSubject => ({
  name,
  use: '@dustpan/mysql',
  kind: 'things',
  library: { name: 'mysql2', range: '^3.9.0' },
  excuses: [
    { cases: ['survives its removal'], reason: 'no trigger can keep a row without an error', untried: true },
    ...excuses,
  ],
  async start() {
    const found = await server(kind, { own: true })
    if ('missing' in found) return found
    const root = new URL(found.url)
    await run(
      root,
      `CREATE USER app IDENTIFIED BY '${password}'; GRANT PROCESS ON *.* TO app;
       CREATE USER teller IDENTIFIED BY '${password}'; GRANT PROCESS ON *.* TO teller`,
    )
    return {
      product: found.product,
      address: { host: root.hostname, port: found.port },
      secrets: [password],
      place: ({ at } = {}) => place(root, at),
      [Symbol.asyncDispose]: () => found[Symbol.asyncDispose](),
    }
  },
})

export const mariadb = subject('mysql (MariaDB)', 'mariadb', [])
export const mysqlServer = subject('mysql', 'mysql', [
  {
    cases: ['every form', 'keys of every type'],
    reason: 'MySQL has no RETURNING: keys that neither the statement nor insertId tells give a warning',
  },
])

let databases = 0

async function place(root: URL, at: Address | undefined): Promise<Place> {
  const name = `place_${process.pid}_${++databases}`
  const direct = new URL(`/${name}`, root)
  const make = () =>
    run(
      root,
      `CREATE DATABASE ${name}; USE ${name}; ${schema}; GRANT ALL ON ${name}.* TO app; GRANT SELECT ON ${name}.* TO teller`,
    )
  const drop = () => run(root, `DROP DATABASE IF EXISTS ${name}`)
  await make()
  const through = as(direct, 'app', password)
  if (at) [through.hostname, through.port] = [at.host, String(at.port)]
  const poolOf = (library: typeof mysql, url: URL, connectionLimit: number) =>
    library.createPool({ uri: url.href, connectionLimit, multipleStatements: true })
  return {
    options: { url: through.href },
    remove: { table: 'things' },
    libraries: [library],
    client: async ({ pool = 1, unseen: isStranger } = {}) =>
      client(isStranger ? poolOf(unseen, as(direct, 'app', password), pool) : poolOf(library, through, pool)),
    list: () => everything(direct),
    forms,
    keyTypes,
    hostile,
    remakes,
    async empty() {
      await run(direct, 'SET foreign_key_checks = 0; TRUNCATE things')
    },
    async replace() {
      await drop()
      await make()
    },
    resist: (key) => resist(direct, key),
    hold: (key) => hold(direct, key),
    async readOnly() {
      await run(root, 'SET GLOBAL read_only = 1')
      return { [Symbol.asyncDispose]: async () => void (await run(root, 'SET GLOBAL read_only = 0')) }
    },
    powerless: async () => ({ url: as(through, 'teller', password).href }),
    wrongCredentials: { url: as(through, 'app', `not-${password}`).href },
    async [Symbol.asyncDispose]() {
      await drop()
    },
  }
}

function as(url: URL, user: string, secret: string): URL {
  const other = new URL(url)
  ;[other.username, other.password] = [user, secret]
  return other
}

/** Uses a connection of its own, which Dustpan does not capture. */
async function run(url: URL, sql: string): Promise<readonly (readonly unknown[])[]> {
  const connection = unseen.createConnection({ uri: url.href, multipleStatements: true, rowsAsArray: true }).promise()
  try {
    const [rows] = await connection.query(sql)
    return rows as unknown[][]
  } finally {
    await connection.end()
  }
}

async function everything(url: URL): Promise<readonly string[]> {
  const lines: string[] = []
  for (const [table] of await run(url, `SHOW FULL TABLES WHERE Table_type = 'BASE TABLE'`)) {
    const rows = await run(url, `SELECT * FROM ${quoted(String(table))}`)
    lines.push(...rows.map((row) => `${table} ${JSON.stringify(row)}`))
  }
  return lines.sort()
}

let triggers = 0

async function resist(url: URL, key: Json): Promise<AsyncDisposable> {
  const name = `stays_${++triggers}`
  await run(
    url,
    `CREATE TRIGGER ${name} BEFORE DELETE ON things FOR EACH ROW
     BEGIN IF OLD.id = ${Number(key)} THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'this one stays'; END IF; END`,
  )
  return { [Symbol.asyncDispose]: async () => void (await run(url, `DROP TRIGGER IF EXISTS ${name}`)) }
}

async function hold(url: URL, key: Json): Promise<AsyncDisposable> {
  const connection = unseen.createConnection({ uri: url.href }).promise()
  await connection.query('START TRANSACTION')
  await connection.query('SELECT 1 FROM things WHERE id = ? FOR UPDATE', [key])
  return { [Symbol.asyncDispose]: () => connection.end() }
}

function client(pool: mysql.Pool): MysqlStoreClient {
  const promised = pool.promise()
  return {
    pool,
    create: (count, text) => create(promised, count, text),
    async createAs(key) {
      await promised.query('INSERT INTO things (id) VALUES (?)', [key])
    },
    async remove(keys) {
      await promised.query('DELETE FROM things WHERE id IN (?)', [keys])
    },
    async upsert(key) {
      await promised.query(`INSERT INTO things (id) VALUES (?) ON DUPLICATE KEY UPDATE text = 'changed'`, [key])
    },
    async createDependent(key) {
      await promised.query('INSERT INTO parts (thing) VALUES (?)', [key])
    },
    async repoint(from, to) {
      await promised.query('UPDATE parts SET thing = ? WHERE thing = ?', [to, from])
    },
    begin: async () => transaction(await promised.getConnection()),
    [Symbol.asyncDispose]: () => promised.end(),
  }
}

async function create(on: Pool | PoolConnection, count: number, text = 'text'): Promise<readonly Json[]> {
  const rows = Array.from({ length: count }, () => [text])
  const [{ insertId }] = await on.query<mysql.ResultSetHeader>('INSERT INTO things (text) VALUES ?', [rows])
  return rows.map((_, index) => insertId + index)
}

async function transaction(connection: PoolConnection): Promise<OpenTransaction> {
  await connection.beginTransaction()
  let savepoints = 0
  const end = async (how: 'commit' | 'rollback') => {
    await connection[how]()
    connection.release()
  }
  return {
    create: (count) => create(connection, count),
    async savepoint() {
      const name = `point_${++savepoints}`
      await connection.query(`SAVEPOINT ${name}`)
      return async () => void (await connection.query(`ROLLBACK TO ${name}`))
    },
    commit: () => end('commit'),
    rollback: () => end('rollback'),
  }
}

const statement =
  (sql: string, count: number, values?: unknown): Form['create'] =>
  async (on) => {
    await (on as MysqlStoreClient).pool.promise().query(sql, values as never)
    return count
  }

const prepared =
  (sql: string, count: number, values?: unknown): Form['create'] =>
  async (on) => {
    await (on as MysqlStoreClient).pool.promise().execute(sql, values as never)
    return count
  }

const named: Form['create'] = async (on) => {
  const sql = 'INSERT INTO things (text) VALUES (:text)'
  await (on as MysqlStoreClient).pool.promise().query({ sql, namedPlaceholders: true }, { text: 'a' } as never)
  return 1
}

const insert = `INSERT INTO things (text) VALUES ('a')`

const forms: readonly Form[] = [
  { title: 'a statement', create: statement(insert, 1) },
  { title: 'several rows', create: statement(`${insert}, ('b'), ('c')`, 3) },
  { title: 'values', create: statement('INSERT INTO things (text) VALUES (?)', 1, ['a']) },
  { title: 'lists of values', create: statement('INSERT INTO things (text) VALUES ?', 2, [[['a'], ['b']]]) },
  { title: 'an object', create: statement('INSERT INTO things SET ?', 1, [{ text: 'a' }]) },
  { title: 'named values', create: named },
  { title: 'prepared', create: prepared('INSERT INTO things (text) VALUES (?)', 1, ['a']) },
  { title: 'prepared, several rows', create: prepared('INSERT INTO things (text) VALUES (?), (?)', 2, ['a', null]) },
  { title: 'INSERT … SELECT', create: statement(`INSERT INTO things (text) SELECT 'a' UNION ALL SELECT 'b'`, 2) },
  { title: 'prepared INSERT … SELECT', create: prepared('INSERT INTO things (text) SELECT ?', 1, ['a']) },
  { title: 'INSERT IGNORE', create: statement('INSERT IGNORE INTO things (id) VALUES (9), (9), (8)', 2) },
  { title: 'REPLACE', create: statement('REPLACE INTO things (id) VALUES (19)', 1) },
  { title: 'several statements', create: statement(`${insert}; SELECT 1; ${insert}`, 2) },
  {
    title: 'a callback',
    create: (on) =>
      new Promise((resolve, reject) => {
        ;(on as MysqlStoreClient).pool.query(insert, (error) => (error ? reject(error) : resolve(1)))
      }),
  },
  {
    title: 'events',
    create: (on) =>
      new Promise((resolve, reject) => {
        const query = (on as MysqlStoreClient).pool.query(insert)
        query.on('error', reject).on('end', () => resolve(1))
      }),
  },
  {
    title: 'a statement prepared by hand',
    async create(on) {
      const connection = await (on as MysqlStoreClient).pool.promise().getConnection()
      const prepared = await connection.prepare('INSERT INTO things (text) VALUES (?)')
      await prepared.execute(['a'])
      await prepared.execute(['b'])
      await prepared.close()
      connection.release()
      return 2
    },
  },
]

const remakes = sqlRemakes(
  {
    REPLACE: (a) => [back(a).replace('INSERT', 'REPLACE')],
    'DELETE … LIMIT': (a) => ['DELETE FROM things ORDER BY id LIMIT 1', back(a)],
    'DELETE of several tables': (a) => [
      `DELETE t FROM things t LEFT JOIN parts p ON p.thing = t.id WHERE t.id = ${a}`,
      back(a),
    ],
    TRUNCATE: (a, b) => [
      'SET foreign_key_checks = 0',
      'TRUNCATE things',
      'SET foreign_key_checks = 1',
      back(a),
      back(b),
    ],
    'several statements at once': (a) => [`DELETE FROM things WHERE id = ${a}; ${back(a)}`],
    'an upsert that finds it': (a) => [`${back(a)} ON DUPLICATE KEY UPDATE text = VALUES(text)`],
  },
  async (on, statements) => {
    const connection = await (on as MysqlStoreClient).pool.promise().getConnection()
    try {
      for (const sql of statements) await connection.query(sql)
    } finally {
      connection.release()
    }
  },
)

/** A literal for each type. */
const keys: Readonly<Record<string, string>> = {
  tinyint: '-1',
  'smallint unsigned': '65535',
  mediumint: '-8388608',
  bigint: '-9223372036854775808',
  'bigint unsigned': '18446744073709551615',
  'decimal(10,2)': '1.50',
  double: '0.1',
  float: '0.1',
  'varchar(9)': `'a'`,
  'char(4)': `'a'`,
  'binary(3)': `x'0000ff'`,
  'varbinary(9)': `'a'`,
  date: `'2024-02-29'`,
  datetime: `'2024-02-29 12:00:00'`,
  'datetime(6)': `'2024-02-29 12:00:00.123456'`,
  'time(2)': `'-23:59:59.5'`,
  year: '2024',
  'bit(3)': `b'101'`,
  "enum('so','so-so')": `'so-so'`,
  "set('a','b')": `'a,b'`,
}

const quoted = (name: string) => `\`${name.replaceAll('`', '``')}\``

/** Creates the table when it is first used. */
const into =
  (table: string, columns: string, rows: string, count: number): Form['create'] =>
  async (on) => {
    const pool = (on as MysqlStoreClient).pool.promise()
    await pool.query(`CREATE TABLE IF NOT EXISTS ${quoted(table)} (${columns})`)
    await pool.query(`INSERT INTO ${quoted(table)} VALUES ${rows}`)
    return count
  }

const keyTypes: readonly Form[] = [
  ...Object.entries(keys).map(([type, literal]) => ({
    title: type,
    create: into(`keyed by ${type}`, `id ${type} PRIMARY KEY`, `(${literal})`, 1),
  })),
  {
    title: 'two columns',
    create: into('composite', 'a int, b varchar(9), PRIMARY KEY (b, a)', `(1, 'a'), (1, 'b')`, 2),
  },
]

/** Names of maximum length, without characters outside the BMP or trailing spaces; mysql2 omits a column `__proto__`. */
const names = [...hostileTexts, longText(64)].filter((name) => !/\s$|\0|^__proto__$|[\u{10000}-\u{10ffff}]/u.test(name))

const hostile: readonly Form[] = [
  ...names.map((name) => ({
    title: `a table and its column called ${JSON.stringify(name)}`,
    create: into(name, `${quoted(name)} varchar(9) PRIMARY KEY`, `('a')`, 1),
  })),
  ...[...hostileTexts, longText(700), ''].map((key) => ({
    title: `a key ${JSON.stringify(key).slice(0, 60)}`,
    create: (async (on) => {
      const pool = (on as MysqlStoreClient).pool.promise()
      await pool.query(
        'CREATE TABLE IF NOT EXISTS texts (id varchar(700) COLLATE utf8mb4_bin PRIMARY KEY) CHARSET utf8mb4',
      )
      await pool.query('INSERT INTO texts VALUES (?)', [key])
      return 1
    }) satisfies Form['create'],
  })),
  {
    title: 'a megabyte',
    create: statement('INSERT INTO things (text) VALUES (?)', 1, [longText(2 ** 20)]),
  },
]

const schema = `
  CREATE TABLE things (id int AUTO_INCREMENT PRIMARY KEY, text longtext) CHARSET utf8mb4;
  CREATE TABLE parts (id int AUTO_INCREMENT PRIMARY KEY, thing int NOT NULL REFERENCES things (id),
    FOREIGN KEY (thing) REFERENCES things (id) ON DELETE CASCADE)
`
