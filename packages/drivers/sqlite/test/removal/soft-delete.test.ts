import { removalContext } from '@dustpan/conformance/drivers/driver'
import { describe, expect, test } from 'vitest'
import { clients, opened, rows, temporaryFile } from '../clients.ts'
import { removed, row, toFile } from './harness.ts'

describe.each(clients)('$name', (client) => {
  function store() {
    const file = temporaryFile()
    const database = opened(client, file)
    database.exec(`CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT UNIQUE, is_active INTEGER DEFAULT 1, deleted_at TEXT);
      CREATE TABLE pairs (a INTEGER, b TEXT, label TEXT UNIQUE, PRIMARY KEY (a, b));
      INSERT INTO users (email) VALUES ('a@x'), ('b@x'), ('c@x'); INSERT INTO pairs VALUES (1, 'z', 'p')`)
    return { file, database }
  }

  test('soft deletion sets several columns, and {id} in a value frees a unique column for reuse', async () => {
    const { file, database } = store()
    const softDelete = {
      users: { is_active: false, deleted_at: 'now', email: 'gone-{id}@x' },
      pairs: { label: '{id}' },
    }
    await using connection = await toFile(file, { client: client.name, softDelete })
    const wanted = [row('users', 1), row('users', 2), row('pairs', [1, 'z'], ['a', 'b'])]
    expect(await removed(connection, wanted, { verify: 'read-back' })).toEqual({
      'users 1': 'removed',
      'users 2': 'removed',
      'pairs [1,"z"]': 'removed',
    })
    expect([...((await connection.probe?.(wanted, removalContext())) ?? [])].map(([, seen]) => seen)).toEqual([
      'absent',
      'absent',
      'absent',
    ])
    expect(rows(database, 'SELECT id, email FROM users WHERE is_active AND deleted_at IS NULL')).toEqual([
      { id: 3, email: 'c@x' },
    ])
    expect(rows(database, 'SELECT label FROM pairs')).toEqual([{ label: '1-z' }])
    database.exec(`INSERT INTO users (email) VALUES ('a@x')`)
    expect(await removed(connection, [row('users', 1)])).toEqual({ 'users 1': 'already-gone' })
  })

  test('a row is not marked when the mark would cascade to an untracked row', async () => {
    const { file, database } = store()
    database.exec(
      `CREATE TABLE mail (id INTEGER PRIMARY KEY, "of" TEXT REFERENCES users (email) ON UPDATE CASCADE); INSERT INTO mail VALUES (1, 'a@x')`,
    )
    const softDelete = { users: { email: 'gone-{id}@x', deleted_at: 'now' } }
    await using connection = await toFile(file, { client: client.name, softDelete })
    const outcomes = await removed(connection, [row('users', 1), row('users', 2)])
    expect(rows(database, 'SELECT "of" FROM mail')).toEqual([{ of: 'a@x' }])
    expect(outcomes).toMatchObject({ 'users 2': 'removed' })
    expect(outcomes['users 1']).not.toBe('removed')
  })

  test('a row is not marked when the mark would replace another row, even with ON CONFLICT REPLACE', async () => {
    const { file, database } = store()
    database.exec(`CREATE TABLE seats (id INTEGER PRIMARY KEY, label TEXT UNIQUE ON CONFLICT REPLACE);
      INSERT INTO seats VALUES (1, 'ours'), (2, 'free'), (3, 'ours too')`)
    const softDelete = { seats: { label: 'free' } }
    await using connection = await toFile(file, { client: client.name, softDelete })
    const outcomes = await removed(connection, [row('seats', 1), row('seats', 3)])
    expect(rows(database, 'SELECT * FROM seats')).toEqual([
      { id: 1, label: 'ours' },
      { id: 2, label: 'free' },
      { id: 3, label: 'ours too' },
    ])
    expect(outcomes).toEqual({ 'seats 1': expect.stringMatching(/failed/), 'seats 3': expect.stringMatching(/failed/) })
  })
})
