/** Reads the content of all stores, without Dustpan. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { once } from '@dustpan/conformance/servers'
import { Redis } from 'ioredis'

/** `users 7` → its row, `redis key` → its value, `files/a.txt` → its hash. */
export type Snapshot = ReadonlyMap<string, string>

export interface Places {
  readonly database: string
  readonly notes: string
  readonly redis?: string
  readonly files: string
  readonly temporary: string
}

export async function takeSnapshot({ database, notes, redis, files, temporary }: Places): Promise<Snapshot> {
  return new Map([
    ...(await rowsIn(database)),
    ...notesIn(notes),
    ...(redis === undefined ? [] : await keysIn(redis)),
    ...filesIn('files', files),
    ...filesIn('tmp', temporary, (folder) => madeByTests.test(folder)),
  ])
}

/** Matches folders of `temporaryFolder()`; others change anyway: caches of runners, self-tests of reapers. */
const madeByTests = /^dustpan-\d/

/** The number of rows ever created. */
export async function rowsMade({ database, notes }: Places): Promise<number> {
  const sequences = `SELECT coalesce(sum(last_value), 0)::int AS made FROM pg_sequences WHERE schemaname = 'public' AND sequencename NOT LIKE 'dustpan%'`
  const { rows } = await once(database, sequences)
  using sqlite = new DatabaseSync(notes, { readOnly: true, timeout: 20_000 })
  const made = sqlite.prepare("SELECT coalesce(sum(seq), 0) AS made FROM sqlite_sequence WHERE name = 'notes'").get()
  return Number(rows[0].made) + Number(made?.made)
}

const tables = [
  'users',
  'categories',
  'products',
  'carts',
  'cart_items',
  'orders',
  'order_items',
  'payments',
  'audit_log',
]

async function rowsIn(url: string): Promise<[string, string][]> {
  const each = tables.map((name) => `SELECT '${name} ' || id AS name, to_jsonb(t)::text AS content FROM ${name} t`)
  const { rows } = await once(url, each.join(' UNION ALL '))
  return rows.map(({ name, content }) => [name, content])
}

function notesIn(file: string): [string, string][] {
  using database = new DatabaseSync(file, { readOnly: true, timeout: 20_000 })
  return database
    .prepare('SELECT * FROM notes')
    .all()
    .map((row) => [`notes ${row.id}`, JSON.stringify(row)])
}

async function keysIn(url: string): Promise<[string, string][]> {
  const client = new Redis(url)
  try {
    const keys = await client.keys('*')
    return await Promise.all(
      keys.map(async (key): Promise<[string, string]> => [`redis ${key}`, String(await client.dumpBuffer(key))]),
    )
  } finally {
    client.disconnect()
  }
}

function filesIn(name: string, folder: string, isMeant = (_name: string) => true): [string, string][] {
  const inside = readdirSync(folder, { withFileTypes: true }).filter((entry) => isMeant(entry.name))
  return inside.flatMap((entry) => {
    const path = join(folder, entry.name)
    const below = `${name}/${entry.name}`
    return entry.isFile() ? [[below, hash(path)]] : [[below, 'folder'], ...filesIn(below, path)]
  })
}

const hash = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')
