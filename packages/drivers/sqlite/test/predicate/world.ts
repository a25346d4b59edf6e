/** The shop of the suite for removal by predicate, in an SQLite database. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { dateOf, items, logs, otps, type PredicateWorld, shopIn, users } from '@dustpan/conformance/by-predicate'

const schema = `
  CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT);
  CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT, created_by INTEGER REFERENCES users, tags TEXT, test_run_id TEXT, made_at TEXT,
    is_active INTEGER DEFAULT 1, deleted_at TEXT, file_path TEXT);
  CREATE TABLE otps (id INTEGER PRIMARY KEY, email TEXT);
  CREATE TABLE activity (id INTEGER PRIMARY KEY, user_id INTEGER);
  CREATE TABLE knex_migrations (id INTEGER PRIMARY KEY, name TEXT);
  INSERT INTO knex_migrations VALUES (1, 'first');`

export interface SqliteWorld extends PredicateWorld {
  readonly database: DatabaseSync
  readonly folder: string
}

export async function sqliteWorld(): Promise<SqliteWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'dustpan-sqlite-'))
  const file = join(folder, 'shop.db')
  const database = new DatabaseSync(file)
  database.exec(schema)
  fill(database)
  const ids = (table: string) =>
    database
      .prepare(`SELECT id FROM ${table} ORDER BY id`)
      .all()
      .map(({ id }) => Number(id))
  return {
    database,
    folder,
    ...shopIn('@dustpan/sqlite', { file }, ids),
    async [Symbol.asyncDispose]() {
      database.close()
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
    },
  }
}

function fill(database: DatabaseSync): void {
  for (const { id, email } of users) database.prepare('INSERT INTO users VALUES (?, ?)').run(id, email)
  const item = database.prepare(
    'INSERT INTO items (id, name, created_by, tags, test_run_id, made_at) VALUES (?, ?, ?, ?, ?, ?)',
  )
  for (const one of items)
    item.run(one.id, one.name, one.owner, JSON.stringify(one.tags), one.run, dateOf(one).toISOString())
  for (const { id, email } of otps) database.prepare('INSERT INTO otps VALUES (?, ?)').run(id, email)
  for (const { id, user } of logs) database.prepare('INSERT INTO activity VALUES (?, ?)').run(id, user)
}
