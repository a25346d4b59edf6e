import { describe, expect, test } from 'vitest'
import { inTransaction } from '../../src/index.ts'
import { clients, installed, opened, rows, type TestDatabase, temporaryFile } from '../clients.ts'

describe.each(clients)('inTransaction() with $name', (client) => {
  function shop(file = temporaryFile()) {
    const database = opened(client, file)
    database.exec(
      `CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT UNIQUE); INSERT INTO users (name) VALUES ('seed')`,
    )
    return { file, database }
  }
  const names = (database: TestDatabase) =>
    rows(database, 'SELECT name FROM users ORDER BY name').map((row) => (row as { name: string }).name)
  const add = (database: TestDatabase, name: string) =>
    database.prepare('INSERT INTO users (name) VALUES (?)').run(name)
  const isIn = (database: object) =>
    (database as { isTransaction?: boolean }).isTransaction ?? (database as { inTransaction?: boolean }).inTransaction

  test('makes changes visible only to the test, and rollback() undoes them', () => {
    const { file, database } = shop()
    const { exec, prepare } = database
    const { rollback } = inTransaction(database)
    add(database, 'a')
    expect(names(database)).toEqual(['a', 'seed'])
    expect(names(opened(client, file))).toEqual(['seed'])
    rollback()
    rollback()
    expect(names(database)).toEqual(['seed'])
    expect([database.exec, database.prepare, isIn(database)]).toEqual([exec, prepare, false])
  })

  test.each([
    ['exec', (database: TestDatabase, sql: string) => void database.exec(sql)],
    ['prepare', (database: TestDatabase, sql: string) => void database.prepare(sql).run()],
  ])('lets transactions of the code under test commit and roll back inside it (%s)', (_, run) => {
    const { database } = shop()
    using _transaction = inTransaction(database)
    run(database, 'BEGIN IMMEDIATE')
    add(database, 'kept')
    run(database, '/* done */ COMMIT')
    run(database, 'begin transaction')
    add(database, 'undone')
    database.exec('SAVEPOINT s')
    add(database, 'undone too')
    database.exec('ROLLBACK TRANSACTION TO SAVEPOINT s')
    expect(names(database)).toEqual(['kept', 'seed', 'undone'])
    run(database, 'ROLLBACK')
    expect(names(database)).toEqual(['kept', 'seed'])
    run(database, 'COMMIT')
    expect(names(database)).toEqual(['kept', 'seed'])
  })

  test('handles several statements in one text, and continues after a failed statement', () => {
    const { database } = shop()
    using _transaction = inTransaction(database)
    database.exec(`BEGIN; INSERT INTO users (name) VALUES ('a'); COMMIT`)
    expect(() => database.exec(`INSERT INTO users (name) VALUES ('a')`)).toThrow(/UNIQUE/)
    database.exec(`INSERT INTO users (name) VALUES ('b'); -- BEGIN`)
    expect(names(database)).toEqual(['a', 'b', 'seed'])
  })

  test('does not record rows created in it, only later ones', () => {
    const sink = installed(client)
    const { database } = shop()
    const prepared = database.prepare('INSERT INTO users (name) VALUES (?)')
    prepared.run('before')
    sink.records.length = 0
    const { rollback } = inTransaction(database)
    add(database, 'a')
    prepared.run('b')
    expect(sink.records).toEqual([])
    rollback()
    prepared.run('c')
    add(database, 'after')
    expect(sink.records).toHaveLength(2)
  })

  test('throws for a database that is in a transaction, and for other objects', () => {
    const { database } = shop()
    expect(() => inTransaction({})).toThrow(expect.objectContaining({ code: 'DUSTPAN_INVALID_ARGUMENT' }))
    database.exec('BEGIN')
    expect(() => inTransaction(database)).toThrow('is in a transaction already')
    database.exec('ROLLBACK')
    using _transaction = inTransaction(database)
    database.exec('BEGIN')
    expect(() => inTransaction(database)).toThrow('is in a transaction already')
  })
})

test('transaction() of better-sqlite3 nests inside inTransaction()', () => {
  const client = clients[1] as (typeof clients)[number]
  const database = opened(client) as TestDatabase & { transaction(work: () => void): () => void }
  database.exec('CREATE TABLE t (n)')
  using _transaction = inTransaction(database)
  database.transaction(() => database.exec('INSERT INTO t VALUES (1)'))()
  const failing = database.transaction(() => {
    database.exec('INSERT INTO t VALUES (2)')
    throw new Error('no')
  })
  expect(failing).toThrow('no')
  expect(rows(database, 'SELECT n FROM t')).toEqual([{ n: 1 }])
})
