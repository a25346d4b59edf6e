/** The databases of the shop: their URLs, their drivers and their contents. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { once, type Server, startServer } from '@dustpan/conformance/servers'

/** The rows of every table as text, in order. */
export type Tables = Readonly<Record<string, readonly string[]>>

export interface Database {
  readonly name: string
  start(): Promise<StartedDatabases>
}

export interface StartedDatabases extends AsyncDisposable {
  /** Creates an empty database for the shop. */
  create(): Promise<string>
  /** The import and the call of the driver for `dustpan.config`. The call reads `SHOP_DATABASE`. */
  driver(application: string): { readonly from: string; readonly call: string }
  read(database: string): Promise<Tables>
}

export const databases: readonly Database[] = [
  { name: 'PostgreSQL', start: startPostgres },
  { name: 'SQLite', start: startSqlite },
]

async function startPostgres(): Promise<StartedDatabases> {
  const server: Server = await startServer()
  return {
    create: () => server.database(),
    driver: (application) => ({
      from: `import { postgres } from '@dustpan/postgres'`,
      call: `postgres({ name: 'shop', url: env('SHOP_DATABASE'), application: ${application} })`,
    }),
    read: readPostgres,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

async function readPostgres(url: string): Promise<Tables> {
  const names = await once(url, `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`)
  const tables: Record<string, readonly string[]> = {}
  for (const { name } of names.rows) {
    const { rows } = await once(url, `SELECT t::text AS row FROM ${name} t ORDER BY id`)
    tables[name] = rows.map(({ row }) => row)
  }
  return tables
}

async function startSqlite(): Promise<StartedDatabases> {
  const folder = await mkdtemp(join(tmpdir(), 'shop-'))
  let created = 0
  return {
    create: async () => join(folder, `${++created}.db`),
    driver: (application) => ({
      from: `import { sqlite } from '@dustpan/sqlite'`,
      call: `sqlite({ name: 'shop', file: process.env.SHOP_DATABASE, application: ${application} })`,
    }),
    read: async (file) => readSqlite(file),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
}

/** The names of tables that belong to the log or to SQLite. */
const notTheShops = /^(dustpan|sqlite)_/

function readSqlite(file: string): Tables {
  using database = new DatabaseSync(file, { readOnly: true })
  const all = database.prepare(`SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`).all()
  const names = all.map(({ name }) => String(name)).filter((name) => !notTheShops.test(name))
  const rowsOf = (name: string) => database.prepare(`SELECT * FROM ${name} ORDER BY id`).all()
  return Object.fromEntries(names.map((name) => [name, rowsOf(name).map((row) => JSON.stringify(row))]))
}
