import { rmSync } from 'node:fs'
import { RecordingSink } from '@dustpan/conformance/capture'
import { describe, expect, test } from 'vitest'
import { sqliteInstruments } from '../../src/capture/instrument.ts'
import { capture } from '../../src/capture.ts'
import { fileStore } from '../../src/identity.ts'
import { clients, installed, opened, rows, type TestDatabase, temporaryFile, uninstalled } from '../clients.ts'

const instance = Symbol.for('dustpan/1')

const users = 'CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT UNIQUE)'
const add = (database: TestDatabase, email: string) =>
  database.prepare('INSERT INTO users (email) VALUES (?)').run(email)

describe.each(clients)('$name', (client) => {
  test('rows deleted by key, without WHERE, by cascade or by DROP TABLE are no longer tracked', () => {
    const sink = installed(client)
    const database = opened(client)
    database.exec(`${users}; CREATE TABLE pets (id INTEGER PRIMARY KEY, owner REFERENCES users ON DELETE CASCADE);
      CREATE TABLE other (id INTEGER PRIMARY KEY)`)
    for (const email of ['a', 'b', 'c']) add(database, email)
    database.exec('INSERT INTO pets VALUES (7, 1), (8, 2); INSERT INTO other VALUES (1), (2), (3)')
    database.exec('DELETE FROM users WHERE id = 1')
    expect(sink.live()).toEqual(['users 2', 'users 3', 'pets 8', 'other 1', 'other 2', 'other 3'])
    database.exec('DELETE FROM users')
    expect(sink.live()).toEqual(['other 1', 'other 2', 'other 3'])
    database.exec('DROP TABLE other; CREATE TABLE other (id INTEGER PRIMARY KEY)')
    expect(sink.live()).toEqual([])
  })

  test('a row that REPLACE deletes because of another unique column is no longer tracked', () => {
    const sink = installed(client)
    const database = opened(client)
    database.exec(users)
    add(database, 'a')
    database.exec("INSERT OR REPLACE INTO users (id, email) VALUES (9, 'a')")
    expect(sink.live()).toEqual(['users 9'])
  })

  test('a tracked row stays tracked when its key changes, and other rows do not become tracked', () => {
    const sink = installed(client)
    sink.active = false
    const database = opened(client)
    database.exec(`${users}; INSERT INTO users VALUES (1, 'seed')`)
    sink.active = true
    add(database, 'a')
    database.exec('UPDATE users SET id = id + 100')
    expect(sink.live()).toEqual(['users 102'])
  })

  test('statements prepared before the triggers exist are captured', () => {
    const sink = installed(client)
    const database = opened(client)
    database.exec(users)
    const early = database.prepare('INSERT INTO users (email) VALUES (?)')
    const select = database.prepare('SELECT count(*) AS n FROM users')
    expect(select.get()).toMatchObject({ n: 0 })
    early.run('a')
    database.exec('CREATE TABLE later (id INTEGER PRIMARY KEY)')
    early.run('b')
    expect(select.get()).toMatchObject({ n: 2 })
    expect(sink.live()).toEqual(['users 1', 'users 2'])
  })

  test('altered, renamed and recreated tables are captured with their current schema', () => {
    const sink = installed(client)
    const database = opened(client)
    database.exec(`${users}; CREATE INDEX by_email ON users (email)`)
    add(database, 'a')
    database.exec('ALTER TABLE users ADD COLUMN age INTEGER; ALTER TABLE users RENAME COLUMN id TO uid')
    database.exec("INSERT INTO users (email) VALUES ('b'); ALTER TABLE users RENAME TO people")
    database.exec("INSERT INTO people (email) VALUES ('c'); ALTER TABLE people DROP COLUMN age; DROP INDEX by_email")
    database.exec("INSERT INTO people (email) VALUES ('d')")
    expect(sink.live()).toEqual(['people 1', 'people 2', 'people 3', 'people 4'])
    expect(sink.records.at(-1)?.removal.args).toEqual({ table: 'people', columns: ['uid'] })
    database.exec('DROP TABLE people; VACUUM; CREATE TABLE people (name TEXT PRIMARY KEY)')
    database.exec("INSERT INTO people VALUES ('x')")
    expect(sink.records.at(-1)).toMatchObject({ type: 'people', key: 'x' })
    expect(sink.warnings).toEqual([])
  })

  test('a recreated file that is attached again under the same name is another store', () => {
    const sink = installed(client)
    const file = temporaryFile()
    const make = () => opened(client, file).exec(users)
    const database = opened(client)
    make()
    database.exec(`ATTACH '${file}' AS beside; INSERT INTO beside.users (email) VALUES ('a'); DETACH beside`)
    rmSync(file)
    make()
    database.exec(`ATTACH '${file}' AS beside; INSERT INTO beside.users (email) VALUES ('b')`)
    expect(new Set(sink.records.map(({ store }) => store.id)).size).toBe(2)
    expect(sink.records.at(-1)?.store.id).toBe(fileStore(file))
  })

  test('rows of an attached in-memory database are gone when it is detached', () => {
    const sink = installed(client)
    const database = opened(client)
    database.exec(
      "ATTACH ':memory:' AS beside; CREATE TABLE beside.t (id INTEGER PRIMARY KEY); INSERT INTO beside.t VALUES (1)",
    )
    database.exec('CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (2)')
    expect(sink.live()).toEqual(['t 1', 't 2'])
    database.exec('DETACH beside')
    expect(sink.live()).toEqual(['t 2'])
  })

  test('tables created or altered by another connection are captured, and no statement fails', () => {
    const sink = installed(client)
    const file = temporaryFile()
    const database = opened(client, file)
    database.exec(users)
    const insert = database.prepare('INSERT INTO users (email) VALUES (?)')
    insert.run('a')
    const other = opened(client, file)
    other.exec('ALTER TABLE users RENAME COLUMN id TO uid; CREATE TABLE made (id INTEGER PRIMARY KEY)')
    expect(insert.run('b')).toMatchObject({ changes: 1, lastInsertRowid: 2 })
    other.exec('ALTER TABLE users RENAME COLUMN uid TO id')
    expect(add(database, 'c')).toMatchObject({ changes: 1, lastInsertRowid: 3 })
    database.exec('INSERT INTO made VALUES (5)')
    expect(sink.live()).toEqual(['users 1', 'users 2', 'users 3', 'made 5'])
    expect(sink.warnings).toEqual([])
  })

  test('connections to one file have the same store, and a recreated file is another store', () => {
    const sink = installed(client)
    const file = temporaryFile()
    const first = opened(client, file)
    first.exec(users)
    add(first, 'a')
    const second = opened(client, file)
    add(second, 'b')
    second.close()
    first.close()
    rmSync(file)
    const anew = opened(client, file)
    anew.exec(users)
    add(anew, 'c')
    const [a, b, c] = sink.records.map(({ store }) => store.id)
    expect(a).toBe(b)
    expect(c).not.toBe(a)
    expect(a).toContain(file)
  })

  test('each in-memory database is a separate store, whose rows are gone when it is closed', () => {
    const sink = installed(client)
    const [first, second] = [opened(client), opened(client)]
    for (const database of [first, second]) {
      database?.exec(users)
      if (database) add(database, 'a')
    }
    expect(new Set(sink.records.map(({ store }) => store.id)).size).toBe(2)
    expect(sink.records.every(({ store }) => store.inProcess)).toBe(true)
    first?.close()
    expect(sink.records.map(({ state }) => state)).toEqual(['gone', 'live'])
  })

  test('an attached database is a separate store', () => {
    const sink = installed(client)
    const [main, attached] = [temporaryFile('main.db'), temporaryFile('attached.db')]
    const database = opened(client, main)
    database.exec(`${users}; ATTACH '${attached}' AS side; CREATE TABLE side.users (id INTEGER PRIMARY KEY, email)`)
    database.exec("INSERT INTO users (email) VALUES ('a'); INSERT INTO side.users (id) VALUES (70)")
    expect(sink.records.map(({ store, key }) => [store.id.includes('attached.db'), key])).toEqual([
      [false, 1],
      [true, 70],
    ])
    database.exec('DETACH side')
    add(database, 'b')
    expect(sink.live()).toContain('users 2')
    expect(sink.warnings).toEqual([])
  })

  test('a virtual table and its shadow tables are not tracked, with one DUSTPAN_SQL_UNATTRIBUTED warning', () => {
    const sink = installed(client)
    const database = opened(client)
    database.exec('CREATE VIRTUAL TABLE notes USING fts5(body)')
    database.exec("INSERT INTO notes VALUES ('hello')")
    expect(sink.live()).toEqual([])
    expect(sink.warnings).toEqual([
      { code: 'DUSTPAN_SQL_UNATTRIBUTED', subject: 'notes', message: expect.stringContaining('virtual table') },
    ])
  })

  test('a row with NULL in its key is not tracked, with a DUSTPAN_SQL_UNATTRIBUTED warning', () => {
    const sink = installed(client)
    const database = opened(client)
    database.exec('CREATE TABLE t (id TEXT PRIMARY KEY)')
    database.exec("INSERT INTO t VALUES (NULL), ('a')")
    expect(sink.live()).toEqual(['t a'])
    expect(sink.warnings).toEqual([
      { code: 'DUSTPAN_SQL_UNATTRIBUTED', subject: 't', message: expect.stringContaining('NULL') },
    ])
  })

  test('a store that no driver serves gets no triggers and no functions', () => {
    const sink = installed(client)
    sink.serves = () => false
    const database = opened(client)
    database.exec(users)
    add(database, 'a')
    expect(rows(database, 'SELECT name FROM sqlite_temp_master')).toEqual([])
    expect(rows(database, "SELECT name FROM pragma_function_list WHERE name LIKE 'dustpan%'")).toEqual([])
  })

  test('rows inserted while capture is inactive are not tracked later, and leave no internal marks', () => {
    const sink = installed(client)
    const database = opened(client)
    database.exec(users)
    add(database, 'a')
    sink.active = false
    database.exec('BEGIN')
    for (let i = 0; i < 50; i++) add(database, `untracked ${i}`)
    database.exec('COMMIT')
    sink.active = true
    add(database, 'b')
    expect(sink.live()).toEqual(['users 1', 'users 52'])
    expect(rows(database, 'SELECT count(*) AS n FROM temp.dustpan_marks')).toEqual([{ n: 0 }])
  })

  test('a creation time written by a column default is recorded as proof', () => {
    const sink = installed(client)
    const database = opened(client)
    database.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, updated_at TEXT DEFAULT CURRENT_TIMESTAMP,
      created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')))`)
    database.exec("INSERT INTO t (id) VALUES (1), (2); INSERT INTO t (id, created_at) VALUES (3, 'long ago')")
    const times = rows(database, 'SELECT created_at FROM t ORDER BY id').map(
      (row) => (row as { created_at: string }).created_at,
    )
    expect(sink.records.map(({ proof }) => proof.match)).toEqual(times.map((created_at) => ({ created_at })))
  })

  test('the intent is reported before the statement runs', () => {
    const sink = installed(client)
    const database = opened(client)
    database.exec(users)
    const seen: unknown[] = []
    const look = () => void seen.push(sink.begun, sink.live())
    const define = database as unknown as { function(name: string, fn: () => number): void }
    define.function('look', () => {
      look()
      return 1
    })
    database.prepare("INSERT INTO users (email) VALUES ('a' || look())").run()
    expect(seen).toEqual([['INSERT INTO users'], []])
    expect(sink.live()).toEqual(['users 1'])
  })

  test('statements are captured after PRAGMA temp_store has discarded the temporary storage', () => {
    const sink = installed(client)
    const database = opened(client)
    database.exec(users)
    add(database, 'a')
    database.exec('PRAGMA temp_store = MEMORY')
    add(database, 'b')
    expect(sink.live()).toEqual(['users 1', 'users 2'])
    expect(sink.warnings).toEqual([])
  })

  test('rows inserted while a query is iterated are tracked, if the library allows it', () => {
    const sink = installed(client)
    const database = opened(client)
    database.exec(`${users}; CREATE TABLE src (n INTEGER PRIMARY KEY)`)
    database.exec('INSERT INTO src VALUES (1), (2), (3)')
    const insert = database.prepare('INSERT INTO users (email) VALUES (?)')
    const copy = () => {
      for (const row of database.prepare('SELECT n FROM src').iterate()) insert.run(String((row as { n: number }).n))
    }
    if (client.name === 'better-sqlite3') expect(copy).toThrow(/busy/)
    else copy()
    expect(sink.live()).toEqual(
      ['src 1', 'src 2', 'src 3', 'users 1', 'users 2', 'users 3'].slice(0, client.name === 'better-sqlite3' ? 3 : 6),
    )
    expect(sink.warnings).toEqual([])
  })

  test('tables in ignoreTables are not tracked and cause no warnings', () => {
    const sink = new RecordingSink('test')
    const rules = { serves: () => true, ignoreTables: ['Migrations', 'words'] }
    const instrument = sqliteInstruments(rules).find(({ module }) => module === client.name)
    using _ = instrument?.install(client.exports, sink) ?? { [Symbol.dispose]() {} }
    const database = opened(client)
    database.exec(
      `${users}; CREATE TABLE migrations (id TEXT PRIMARY KEY); CREATE VIRTUAL TABLE words USING fts5(body)`,
    )
    database.exec("INSERT INTO migrations VALUES ('1'), (NULL); INSERT INTO words VALUES ('x')")
    add(database, 'a')
    expect(sink.live()).toEqual(['users 1'])
    expect(sink.warnings).toEqual([])
  })

  test('a database is no longer captured once all instruments are disposed', () => {
    const sink = installed(client)
    const instrument = sqliteInstruments().find(({ module }) => module === client.name)
    const second = instrument?.install(client.exports, sink)
    const database = opened(client)
    database.exec(users)
    add(database, 'a')
    second?.[Symbol.dispose]()
    add(database, 'b')
    expect(sink.live()).toEqual(['users 1', 'users 2'])
    uninstalled()
    add(database, 'c')
    expect(sink.live()).toEqual(['users 1', 'users 2'])
  })

  test('capture() captures one database, and leaves others of its class alone', () => {
    const sink = new RecordingSink('test')
    const home = globalThis as { [instance]?: unknown }
    home[instance] = { sink }
    try {
      const [captured, other] = [capture(opened(client)), opened(client)]
      for (const database of [captured, other]) {
        database.exec(users)
        add(database, 'a')
      }
      expect(sink.live()).toEqual(['users 1'])
    } finally {
      delete home[instance]
    }
  })
})

test('capture() throws a TypeError for an object that is not a database', () => {
  expect(() => capture({})).toThrow(expect.objectContaining({ name: 'TypeError', code: 'DUSTPAN_INVALID_ARGUMENT' }))
})
