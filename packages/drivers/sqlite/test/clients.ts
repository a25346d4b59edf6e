/** Both SQLite libraries with one interface, so that each test runs with both. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RecordingSink } from '@dustpan/conformance/capture'
import { afterEach } from 'vitest'
import { sqliteInstruments } from '../src/capture/instrument.ts'

const require = createRequire(import.meta.url)

export interface TestStatement {
  run(...params: unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint }
  get(...params: unknown[]): unknown
  all(...params: unknown[]): unknown[]
  iterate(...params: unknown[]): IterableIterator<unknown>
}

export interface TestDatabase {
  prepare(sql: string): TestStatement
  exec(sql: string): unknown
  function(name: string, run: (...args: unknown[]) => unknown): unknown
  close(): unknown
}

export interface TestClient {
  readonly name: 'node:sqlite' | 'better-sqlite3'
  readonly exports: unknown
  open(file: string): TestDatabase
}

const nodeSqlite = require('node:sqlite') as { DatabaseSync: new (file: string) => TestDatabase }
const betterSqlite3 = require('better-sqlite3') as new (file: string) => TestDatabase

export const clients: readonly TestClient[] = [
  { name: 'node:sqlite', exports: nodeSqlite, open: (file) => new nodeSqlite.DatabaseSync(file) },
  { name: 'better-sqlite3', exports: betterSqlite3, open: (file) => new betterSqlite3(file) },
]

const undo: (() => void)[] = []
afterEach(() => {
  for (const step of undo.splice(0).reverse()) step()
})

/** Captures the library until the end of the test; returns the sink that gets its creations. */
export function installed(client: TestClient): RecordingSink {
  const sink = new RecordingSink('test')
  const instrument = sqliteInstruments().find(({ module }) => module === client.name)
  installation = instrument?.install(client.exports, sink)
  undo.push(uninstalled)
  return sink
}

let installation: Disposable | undefined

export function uninstalled(): void {
  installation?.[Symbol.dispose]()
  installation = undefined
}

export function opened(client: TestClient, file = ':memory:'): TestDatabase {
  const database = client.open(file)
  undo.push(() => {
    try {
      database.close()
    } catch {
      // already closed by the test
    }
  })
  return database
}

export function temporaryFile(name = 'test.db'): string {
  const folder = mkdtempSync(join(tmpdir(), 'dustpan-sqlite-'))
  undo.push(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }))
  return join(folder, name)
}

export function rows(database: TestDatabase, sql: string, ...params: unknown[]): unknown[] {
  return database
    .prepare(sql)
    .all(...params)
    .map((row) => ({ ...(row as object) }))
}
