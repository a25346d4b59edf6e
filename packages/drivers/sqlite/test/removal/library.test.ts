import { spawnSync } from 'node:child_process'
import { cpSync, existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { librariesAmong, loadedLibraries } from '../../src/removal/loaded-libraries.ts'
import { clients, installed, opened, rows, type TestClient, temporaryFile, uninstalled } from '../clients.ts'
import { removed, row, toFile } from './harness.ts'

const [nodeSqlite, betterSqlite3] = clients as readonly [TestClient, TestClient]

const users = `PRAGMA journal_mode = WAL; CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);
  INSERT INTO users VALUES (1, 'seed'), (2, 'of a test')`

/** Another copy of SQLite in the process would break the locks of the first one. */
describe.each(clients)('the SQLite library that opens a file ($name)', (client) => {
  test('is that of captured connections, even when they are closed', async () => {
    for (const loaded of clients) opened(loaded)
    installed(client)
    const file = temporaryFile()
    const first = opened(client, file)
    first.exec(users)
    first.close()
    uninstalled()
    const reader = opened(client, file)
    expect(rows(reader, 'SELECT id FROM users')).toHaveLength(2)
    await using connection = await toFile(file)
    expect(await removed(connection, [row('users', 2)])).toEqual({ 'users 2': 'removed' })
    expect(existsSync(`${file}-wal`)).toBe(true)
  })

  test('is that of the option client when no connection was captured', async () => {
    const file = temporaryFile()
    const reader = opened(client, file)
    reader.exec(users)
    await using connection = await toFile(file, { client: client.name })
    expect(await removed(connection, [row('users', 2)])).toEqual({ 'users 2': 'removed' })
    expect(existsSync(`${file}-wal`)).toBe(true)
  })
})

describe('a library that another thread of the process has loaded', () => {
  test.for([
    ['the project’s better-sqlite3', 'better-sqlite3'],
    ['another copy of better-sqlite3', undefined],
  ] as const)('is used for the removal, so that later commits of the thread are not lost (%s)', ([, library]) => {
    const { outcome, rows } = removedBesideThread(library ?? copyOfBetterSqlite3('better-sqlite3'))
    expect(outcome).toEqual({ 'users 2': 'removed' })
    expect(rows).toEqual([{ id: 1, name: 'changed' }])
  })

  test('fails the removal if Dustpan does not support it, so that later commits of the thread are not lost', () => {
    const { outcome, rows } = removedBesideThread(copyOfBetterSqlite3('@libsql/linux-x64-gnu'))
    expect(outcome).toMatch(/^DUSTPAN_STORE_UNREACHABLE .*@libsql/)
    expect(rows).toEqual([
      { id: 1, name: 'changed' },
      { id: 2, name: 'of a test' },
    ])
  })
})

describe('the loaded libraries', () => {
  test('contain better-sqlite3 once it is used, as does the diagnostic report of Node', () => {
    for (const client of clients) opened(client)
    const { sharedObjects } = process.report.getReport() as unknown as { readonly sharedObjects: readonly string[] }
    expect(loadedLibraries()).toEqual({ betterSqlite3: [expect.stringMatching(/better-sqlite3$/)], others: [] })
    expect(librariesAmong(sharedObjects)).toEqual(loadedLibraries())
  })

  test.for([
    ['/app/node_modules/better-sqlite3/build/Release/better_sqlite3.node', 'better-sqlite3'],
    ['/src/better-sqlite3/prebuilds/linux-x64.node', 'better-sqlite3'],
    ['C:\\app\\node_modules\\better-sqlite3\\build\\Release\\better_sqlite3.node', 'better-sqlite3'],
    ['/app/node_modules/@libsql/linux-x64-gnu/index.node', 'other'],
    ['/app/node_modules/sqlite3/build/Release/node_sqlite3.node', 'other'],
    ['/app/node_modules/better-sqlite3-multiple-ciphers/build/Release/better_sqlite3.node', 'other'],
    ['/app/node_modules/.prisma/client/libquery_engine-debian-openssl-3.0.x.so.node', 'other'],
    ['/app/src/generated/libquery_engine-debian-openssl-3.0.x.so.node', 'other'],
    ['/src/sqlite-app/node_modules/@rolldown/binding-linux-x64-gnu/rolldown.node', 'none'],
    ['/src/better-sqlite3/node_modules/@rolldown/binding-linux-x64-gnu/rolldown.node', 'none'],
    ['/home/me/sqlite-notes/native/build/Release/addon.node', 'none'],
    ['/usr/lib/x86_64-linux-gnu/libsqlite3.so.0', 'none'],
  ])('classify %s as %s', ([file, kind]) => {
    const { betterSqlite3, others } = librariesAmong([file as string])
    expect([betterSqlite3.length, others.length]).toEqual([Number(kind === 'better-sqlite3'), Number(kind === 'other')])
  })
})

function removedBesideThread(library: string): { outcome: unknown; rows: unknown } {
  const script = fileURLToPath(new URL('./two-threads.ts', import.meta.url))
  const args = ['--no-warnings', script, fileWith(users), library]
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  expect(stderr).toBe('')
  return JSON.parse(stdout)
}

function fileWith(sql: string): string {
  const file = temporaryFile()
  const database = nodeSqlite.open(file)
  database.exec(sql)
  database.close()
  return file
}

/** Copies better-sqlite3 to a package with the given name, which makes it a second copy of SQLite. */
function copyOfBetterSqlite3(name: string): string {
  opened(betterSqlite3)
  const [original = ''] = loadedLibraries().betterSqlite3
  const copy = temporaryFile(join('node_modules', name))
  cpSync(original, copy, { recursive: true, filter: (path) => !['deps', 'src'].includes(relative(original, path)) })
  return copy
}
