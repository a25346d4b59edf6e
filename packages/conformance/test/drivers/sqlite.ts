/** SQLite through `node:sqlite` and `better-sqlite3`. */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Json } from '@dustpan/core/driver'
import {
  type DriverSubject,
  type Excuse,
  type Form,
  hostileTexts,
  longText,
  type OpenTransaction,
  type Place,
  type StoreClient,
} from '../../src/drivers/index.ts'
import { back, sqlRemakes } from './sql-remakes.ts'

const require = createRequire(new URL('../../../drivers/sqlite/package.json', import.meta.url))

interface Database {
  prepare(sql: string): {
    run(...values: unknown[]): unknown
    all(...values: unknown[]): readonly Record<string, unknown>[]
    get(...values: unknown[]): unknown
  }
  exec(sql: string): unknown
  close(): void
}

interface Library {
  readonly name: 'node:sqlite' | 'better-sqlite3'
  readonly exports: unknown
  readonly open: (file: string) => Database
}

const nodeSqlite = require('node:sqlite') as { DatabaseSync: new (file: string) => Database }
const betterSqlite3 = require('better-sqlite3') as new (file: string) => Database

const excuses: readonly Excuse[] = [
  {
    cases: [
      'connection lost half-way',
      'server away and back',
      'server does not answer',
      'server down',
      'wrong credentials',
      'permission denied',
    ],
    reason: 'a file has no server, no connection and no users',
  },
  {
    cases: ['library missing', 'library of an unsupported version'],
    reason: 'node:sqlite is part of Node, and is taken where better-sqlite3 cannot be loaded',
  },
  {
    cases: ['key reused'],
    reason: 'a table has nothing that tells that it was emptied: its rows are known by their keys alone',
  },
]

export const sqlite = subject('sqlite (node:sqlite)', {
  name: 'node:sqlite',
  exports: nodeSqlite,
  open: (file) => new nodeSqlite.DatabaseSync(file),
})

export const betterSqlite = subject('sqlite (better-sqlite3)', {
  name: 'better-sqlite3',
  exports: betterSqlite3,
  open: (file) => new betterSqlite3(file),
})

function subject(name: string, library: Library): DriverSubject {
  return {
    name,
    use: '@dustpan/sqlite',
    kind: 'things',
    excuses,
    async start() {
      const folder = mkdtempSync(join(tmpdir(), 'dustpan-sqlite-'))
      const memory = library.open(':memory:')
      const [row] = memory.prepare('SELECT sqlite_version() AS version').all()
      memory.close()
      let files = 0
      return {
        product: `SQLite ${row?.version}`,
        secrets: [],
        place: async () => place(library, join(folder, `place-${++files}.db`)),
        [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }),
      }
    },
  }
}

function place(library: Library, file: string): Place {
  const own = unseen(library, file)
  own.exec(schema)
  own.close()
  const apart = async (sql: string) => {
    const database = unseen(library, file)
    database.exec(sql)
    database.close()
  }
  const trigger = async (key: Json, act: string) => {
    const name = `stays_${++triggers}`
    await apart(`CREATE TRIGGER ${name} BEFORE DELETE ON things WHEN OLD.id = ${key} BEGIN SELECT ${act}; END`)
    return { [Symbol.asyncDispose]: () => apart(`DROP TRIGGER IF EXISTS ${name}`) }
  }
  return {
    options: { file, client: library.name },
    remove: { table: 'things' },
    libraries: [library.exports],
    client: async ({ unseen: isStranger } = {}) => client(isStranger ? unseen(library, file) : library.open(file)),
    list: async () => everything(unseen(library, file)),
    forms,
    keyTypes,
    hostile,
    remakes,
    empty: () => apart('DELETE FROM things'),
    async replace() {
      rmSync(file)
      await apart(schema)
    },
    resist: (key) => trigger(key, `RAISE(ABORT, 'this one stays')`),
    survive: (key) => trigger(key, 'RAISE(IGNORE)'),
    async hold() {
      const database = unseen(library, file)
      database.exec('BEGIN IMMEDIATE')
      return { [Symbol.asyncDispose]: async () => database.close() }
    },
    async readOnly() {
      const before = writeVersion(file, tooNew)
      return { [Symbol.asyncDispose]: async () => void writeVersion(file, before) }
    },
    [Symbol.asyncDispose]: async () => rmSync(file, { force: true }),
  }
}

/** SQLite opens files with a newer write version read-only (https://www.sqlite.org/fileformat.html#file_format_version_numbers). */
const tooNew = 3

/** Sets the version in a file's header, and returns the previous one. Permissions would not keep root from writing. */
function writeVersion(file: string, version: number): number {
  const descriptor = openSync(file, 'r+')
  const before = Buffer.alloc(1)
  readSync(descriptor, before, 0, 1, 18)
  writeSync(descriptor, Uint8Array.of(version), 0, 1, 18)
  closeSync(descriptor)
  return before.readUInt8()
}

let triggers = 0

/** A connection that is not captured, like those of the driver. */
function unseen(library: Library, file: string): Database {
  const database = library.open(file)
  const shared = globalThis as { [registry]?: { own: WeakSet<object> } }
  shared[registry]?.own.add(database)
  return database
}

const registry = Symbol.for('dustpan/sqlite/1')

function everything(database: Database): readonly string[] {
  const tables = database
    .prepare(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'`)
    .all()
  const lines = tables.flatMap(({ name }) =>
    database
      .prepare(`SELECT * FROM ${quoted(String(name))}`)
      .all()
      .map((row) => `${name} ${JSON.stringify(row)}`),
  )
  database.close()
  return lines.sort()
}

interface SqliteStoreClient extends StoreClient {
  readonly database: Database
}

/** A file has one writer: tests that share the client wait for its transaction. */
function client(database: Database): SqliteStoreClient {
  let free = Promise.resolve()
  const run = async (sql: string, ...values: unknown[]) => {
    await free
    database.prepare(sql).run(...values)
  }
  database.exec('PRAGMA foreign_keys = ON')
  return {
    database,
    async create(count, text) {
      await free
      return create(database, count, text)
    },
    createAs: (key) => run('INSERT INTO things (id) VALUES (?)', key),
    remove: (keys) => run('DELETE FROM things WHERE id IN (SELECT value FROM json_each(?))', JSON.stringify(keys)),
    upsert: (key) => run(`INSERT INTO things (id) VALUES (?) ON CONFLICT (id) DO UPDATE SET text = 'changed'`, key),
    createDependent: (key) => run('INSERT INTO parts (thing) VALUES (?)', key),
    repoint: (from, to) => run('UPDATE parts SET thing = ? WHERE thing = ?', to, from),
    async begin() {
      const before = free
      const { promise, resolve } = Promise.withResolvers<void>()
      free = promise
      await before
      return transaction(database, resolve)
    },
    [Symbol.asyncDispose]: async () => database.close(),
  }
}

function create(database: Database, count: number, text = 'text'): readonly Json[] {
  const sql = `INSERT INTO things (text) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT ? FROM n RETURNING id`
  return database
    .prepare(sql)
    .all(count, text)
    .map(({ id }) => id as number)
}

function transaction(database: Database, over: () => void): OpenTransaction {
  let savepoints = 0
  database.exec('BEGIN')
  return {
    create: async (count) => create(database, count),
    async savepoint() {
      const name = `point_${++savepoints}`
      database.exec(`SAVEPOINT ${name}`)
      return async () => void database.exec(`ROLLBACK TO ${name}`)
    },
    async commit() {
      database.exec('COMMIT')
      over()
    },
    async rollback() {
      database.exec('ROLLBACK')
      over()
    },
  }
}

const act =
  (work: (database: Database) => unknown, count: number): Form['create'] =>
  async (on) => {
    work((on as SqliteStoreClient).database)
    return count
  }
const run = (sql: string, count: number, ...values: unknown[]) =>
  act((database) => database.prepare(sql).run(...values), count)

const insert = `INSERT INTO things (text) VALUES ('a')`

const forms: readonly Form[] = [
  { title: 'run', create: run(insert, 1) },
  { title: 'exec', create: act((database) => database.exec(`${insert}; SELECT 1; ${insert}`), 2) },
  { title: 'several rows', create: run(`${insert}, ('b'), ('c')`, 3) },
  { title: 'parameters', create: run('INSERT INTO things (text) VALUES (?)', 1, 'a') },
  { title: 'RETURNING', create: act((database) => database.prepare(`${insert} RETURNING text`).get(), 1) },
  { title: 'INSERT … SELECT', create: run('INSERT INTO things (text) SELECT value FROM json_each(?)', 3, '[1, 2, 3]') },
  { title: 'WITH', create: run(`WITH a(t) AS (VALUES ('x')) INSERT INTO things (text) SELECT t FROM a`, 1) },
  { title: 'INSERT OR REPLACE', create: run(`INSERT OR REPLACE INTO things (text) VALUES ('a')`, 1) },
  {
    title: 'a statement that is run twice',
    create: act((database) => {
      const statement = database.prepare(insert)
      statement.run()
      statement.run()
    }, 2),
  },
]

const remakes = sqlRemakes(
  {
    RETURNING: (a) => [`DELETE FROM things WHERE id = ${a} RETURNING id`, back(a)],
    'INSERT OR REPLACE': (a) => [back(a).replace('INSERT', 'INSERT OR REPLACE')],
    'several statements at once': (a) => [`DELETE FROM things WHERE id = ${a}; ${back(a)}`],
    'an upsert that finds it': (a) => [`${back(a)} ON CONFLICT (id) DO UPDATE SET text = excluded.text`],
  },
  async (on, statements) => {
    for (const sql of statements) (on as SqliteStoreClient).database.exec(sql)
  },
)

/** Literals for each type. */
const keys: Readonly<Record<string, string>> = {
  INTEGER: '-9223372036854775808',
  INT: '9223372036854775807',
  TEXT: `'a'`,
  REAL: '0.1',
  NUMERIC: '1.5',
  BLOB: `x'00ff'`,
  '"a date"': `'2024-02-29'`,
  '': `'no type'`,
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`
const keyTable = (type: string) => quoted(`keyed by ${type}`)

const keyTypes: readonly Form[] = [
  ...Object.entries(keys).map(([type, literal]) => ({
    title: type,
    create: run(`INSERT INTO ${keyTable(type)} VALUES (${literal})`, 1),
  })),
  { title: 'text in an INT column', create: run(`INSERT INTO ${keyTable('INT')} VALUES ('a')`, 1) },
  { title: 'two columns', create: run(`INSERT INTO composite VALUES (1, 'a'), (1, 'b')`, 2) },
  { title: 'no rowid', create: run(`INSERT INTO rowless VALUES ('a')`, 1) },
  { title: 'no key but the rowid', create: run(`INSERT INTO keyless VALUES ('a')`, 1) },
]

const names = [...hostileTexts, longText(1_000)]

const hostile: readonly Form[] = [
  ...names.map((name) => ({
    title: `a table and its column called ${JSON.stringify(name).slice(0, 60)}`,
    create: run(`INSERT INTO ${quoted(name)} VALUES ('a')`, 1),
  })),
  ...[...hostileTexts, longText(10_000), '', 'a\0b'].map((key) => ({
    title: `a key ${JSON.stringify(key).slice(0, 60)}`,
    create: run(`INSERT INTO ${keyTable('TEXT')} VALUES (?)`, 1, key),
  })),
  { title: 'a megabyte', create: run('INSERT INTO things (text) VALUES (?)', 1, longText(2 ** 20)) },
]

const schema = `
  CREATE TABLE things (id INTEGER PRIMARY KEY, text TEXT);
  CREATE TABLE parts (id INTEGER PRIMARY KEY, thing INTEGER NOT NULL REFERENCES things ON DELETE CASCADE);
  CREATE TABLE composite (a INT, b TEXT, PRIMARY KEY (b, a));
  CREATE TABLE rowless (id TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE TABLE keyless (text TEXT);
  ${Object.keys(keys)
    .map((type) => `CREATE TABLE ${keyTable(type)} (id ${type} PRIMARY KEY);`)
    .join('\n')}
  ${names.map((name) => `CREATE TABLE ${quoted(name)} (${quoted(name)} TEXT PRIMARY KEY);`).join('\n')}
`
