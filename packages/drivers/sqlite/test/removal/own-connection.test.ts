import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs'
import { removalContext } from '@dustpan/conformance/drivers/driver'
import { describe, expect, test } from 'vitest'
import { fileStore } from '../../src/identity.ts'
import { clients, installed, opened, rows, type TestClient, temporaryFile } from '../clients.ts'
import { connected, driverOf, removed, row } from './harness.ts'

const users = (journal: string) =>
  `PRAGMA journal_mode = ${journal}; CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO users VALUES (1, 'seed')`

/** A file from which a test row has been removed, and a copy from before the test. No client has them open. */
async function cleanedFile(client: TestClient, journal: string) {
  const file = temporaryFile()
  const template = `${file}.template`
  runAndClose(client, file, users(journal))
  copyFileSync(file, template)
  runAndClose(client, file, "INSERT INTO users VALUES (2, 'of a test')")
  const connection = await connected(driverOf({ client: client.name }), fileStore(file) ?? '')
  expect(await removed(connection, [row('users', 2)])).toEqual({ 'users 2': 'removed' })
  return { file, template, connection }
}

function runAndClose(client: TestClient, file: string, sql: string): void {
  const database = opened(client, file)
  database.exec(sql)
  database.close()
}

describe.each(clients)('between two removals, Dustpan has no connection to the file ($name)', (client) => {
  test('a template copied over the file is intact after the next removal', async () => {
    const { file, template, connection } = await cleanedFile(client, 'WAL')
    copyFileSync(template, file)
    const filler = Array.from({ length: 500 }, (_, i) => `(${i + 10}, 'customer ${i}')`).join(', ')
    runAndClose(client, file, `CREATE TABLE orders (id INTEGER PRIMARY KEY); INSERT INTO users VALUES ${filler}`)
    expect(await removed(connection, [row('users', 10)])).toEqual({ 'users 10': 'removed' })
    const database = opened(client, file)
    expect(rows(database, 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }])
    expect(rows(database, 'SELECT count(*) AS n FROM users')).toEqual([{ n: 500 }])
    await connection[Symbol.asyncDispose]()
  })

  test('a column added to a copied template is still there after the next removal', async () => {
    const { file, template, connection } = await cleanedFile(client, 'DELETE')
    copyFileSync(template, file)
    runAndClose(client, file, 'ALTER TABLE users ADD COLUMN email TEXT')
    runAndClose(client, file, "INSERT INTO users VALUES (2, 'of a test', 'e')")
    expect(await removed(connection, [row('users', 2)])).toEqual({ 'users 2': 'removed' })
    const database = opened(client, file)
    expect(rows(database, 'SELECT * FROM users')).toEqual([{ id: 1, name: 'seed', email: null }])
    await connection[Symbol.asyncDispose]()
  })

  test('a user can change the journal mode, and closing their last connection deletes the WAL file', async () => {
    const { file, connection } = await cleanedFile(client, 'WAL')
    const database = opened(client, file)
    rows(database, 'SELECT * FROM users')
    expect(rows(database, 'PRAGMA journal_mode = DELETE')).toEqual([{ journal_mode: 'delete' }])
    database.exec('PRAGMA journal_mode = WAL; DELETE FROM users')
    database.close()
    expect(existsSync(`${file}-wal`)).toBe(false)
    await connection[Symbol.asyncDispose]()
  })

  test('a replaced file is refused with DUSTPAN_WRONG_STORE; rows of a deleted file are already gone', async () => {
    const { file, template, connection } = await cleanedFile(client, 'DELETE')
    renameSync(template, file)
    await expect(removed(connection, [row('users', 1)])).rejects.toMatchObject({ code: 'DUSTPAN_WRONG_STORE' })
    rmSync(file)
    expect(await removed(connection, [row('users', 1)])).toEqual({ 'users 1': 'already-gone' })
    expect(fileStore(file)).toBeUndefined()
    await connection[Symbol.asyncDispose]()
  })

  test('a removal does not delete the WAL file of a client that only reads', async () => {
    installed(client)
    const file = temporaryFile()
    runAndClose(client, file, users('WAL'))
    const reader = opened(client, file)
    expect(rows(reader, 'SELECT id FROM users')).toEqual([{ id: 1 }])
    const connection = await connected(driverOf({}), fileStore(file) ?? '')
    expect(await removed(connection, [row('users', 1)])).toEqual({ 'users 1': 'removed' })
    expect(existsSync(`${file}-wal`)).toBe(true)
    await connection[Symbol.asyncDispose]()
  })

  const tags = `CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE said (what TEXT);
    CREATE TRIGGER tag_goes AFTER DELETE ON tags BEGIN INSERT INTO said VALUES (slug(OLD.name)); END; INSERT INTO tags VALUES (1, 'Seed')`

  test('a row whose trigger calls a custom SQL function is removed through an open client', async () => {
    installed(client)
    const file = temporaryFile()
    const database = opened(client, file)
    database.function('slug', (text) => String(text).toLowerCase())
    database.exec(tags)
    database.exec("INSERT INTO tags VALUES (2, 'Of A Test')")
    const connection = await connected(driverOf({}), fileStore(file) ?? '')
    expect(await removed(connection, [row('tags', 2)])).toEqual({ 'tags 2': 'removed' })
    expect(rows(database, 'SELECT * FROM said')).toEqual([{ what: 'of a test' }])
    await connection[Symbol.asyncDispose]()
  })

  test('a row whose trigger calls a custom SQL function fails without retry if no client is open', async () => {
    const file = temporaryFile()
    runAndClose(client, file, tags)
    const connection = await connected(driverOf({ client: client.name }), fileStore(file) ?? '')
    const outcome = (await connection.remove([row('tags', 1)], removalContext())).get('tags 1')
    expect(outcome).toMatchObject({ state: 'failed', retry: false, error: { hint: expect.stringContaining('slug') } })
    await connection[Symbol.asyncDispose]()
  })
})
