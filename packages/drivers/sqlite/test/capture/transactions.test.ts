import { describe, expect, test } from 'vitest'
import { clients, installed, opened, type TestDatabase, temporaryFile } from '../clients.ts'

interface Case {
  readonly title: string
  readonly run: (database: TestDatabase) => unknown
  readonly live: readonly string[]
  readonly settled: readonly string[]
}

const insert = (name: string) => `INSERT INTO t (name) VALUES ('${name}')`

const cases: readonly Case[] = [
  {
    title: 'a commit keeps created rows',
    run: (db) => script(db, 'BEGIN', insert('a'), insert('b'), 'COMMIT'),
    live: ['t 2', 't 3'],
    settled: ['committed'],
  },
  {
    title: 'a rollback discards all created rows',
    run: (db) => script(db, 'BEGIN', insert('a'), insert('b'), 'ROLLBACK'),
    live: [],
    settled: ['rolled-back'],
  },
  {
    title: 'ROLLBACK TO discards rows created after the savepoint',
    run: (db) => script(db, 'BEGIN', insert('a'), 'SAVEPOINT s', insert('b'), 'ROLLBACK TO s', insert('c'), 'COMMIT'),
    live: ['t 2', 't 3'],
    settled: ['committed'],
  },
  {
    title: 'a savepoint without BEGIN is a transaction',
    run: (db) => script(db, 'SAVEPOINT s', insert('a'), 'SAVEPOINT s2', insert('b'), 'ROLLBACK TO s2', 'RELEASE s'),
    live: ['t 2'],
    settled: ['committed'],
  },
  {
    title: 'ROLLBACK TO goes back to the innermost of nested savepoints with the same name',
    run: (db) =>
      script(db, 'BEGIN', 'SAVEPOINT s', insert('a'), 'SAVEPOINT s', insert('b'), 'ROLLBACK TO s', 'RELEASE s', 'END'),
    live: ['t 2'],
    settled: ['committed'],
  },
  {
    title: 'a transaction can be in one exec() or span several',
    run: (db) => {
      db.exec(`BEGIN; ${insert('a')}; COMMIT; BEGIN; ${insert('b')}; SAVEPOINT s; ${insert('c')}`)
      db.exec(`ROLLBACK TO s; ${insert('d')}; COMMIT`)
    },
    live: ['t 2', 't 3', 't 4'],
    settled: ['committed', 'committed'],
  },
  {
    title: 'a row whose deletion is rolled back stays tracked',
    run: (db) => script(db, insert('a'), 'BEGIN', 'DELETE FROM t WHERE id = 2', 'ROLLBACK'),
    live: ['t 2'],
    settled: ['rolled-back'],
  },
  {
    title: 'a row whose deletion is committed is no longer tracked',
    run: (db) => script(db, insert('a'), 'BEGIN', 'DELETE FROM t WHERE id = 2', 'COMMIT'),
    live: [],
    settled: ['committed'],
  },
  {
    title: 'a failing INSERT OR ROLLBACK rolls back the transaction',
    run: (db) => {
      script(db, 'BEGIN', insert('a'))
      expect(() => db.exec("INSERT OR ROLLBACK INTO t (name) VALUES ('seed')")).toThrow(/UNIQUE/)
      script(db, insert('after'))
    },
    live: ['t 2'],
    settled: ['rolled-back'],
  },
  {
    title: 'a failed statement does not affect other rows of the transaction',
    run: (db) => {
      script(db, 'BEGIN', insert('a'))
      expect(() => db.exec("INSERT INTO t (name) VALUES ('b'), ('seed')")).toThrow(/UNIQUE/)
      script(db, insert('c'), 'COMMIT')
    },
    live: ['t 2', 't 3'],
    settled: ['committed'],
  },
  {
    title: 'ROLLBACK TO discards rows that a failed INSERT OR FAIL kept',
    run: (db) => {
      script(db, 'BEGIN', 'SAVEPOINT s')
      expect(() => db.exec("INSERT OR FAIL INTO t (name) VALUES ('b'), ('seed')")).toThrow(/UNIQUE/)
      script(db, 'ROLLBACK TO s', insert('c'), 'COMMIT')
    },
    live: ['t 2'],
    settled: ['committed'],
  },
  {
    title: 'a failed commit leaves the transaction open',
    run: (db) => {
      script(db, 'BEGIN', insert('a'), 'INSERT INTO child VALUES (1, 99)')
      expect(() => db.exec('COMMIT')).toThrow(/FOREIGN KEY/)
      script(db, 'DELETE FROM child', 'COMMIT')
    },
    live: ['t 2'],
    settled: ['committed'],
  },
  {
    title: 'rows of a table whose creation is rolled back are discarded',
    run: (db) => {
      script(db, 'BEGIN', 'CREATE TABLE n (id INTEGER PRIMARY KEY)', 'INSERT INTO n VALUES (5)', 'ROLLBACK')
      script(db, 'CREATE TABLE n (id INTEGER PRIMARY KEY)', 'INSERT INTO n VALUES (6)')
    },
    live: ['n 6'],
    settled: ['rolled-back'],
  },
  {
    title: 'closing a database rolls back its open transaction',
    run: (db) => {
      script(db, insert('a'), 'BEGIN', insert('b'))
      db.close()
    },
    live: ['t 2'],
    settled: ['rolled-back'],
  },
]

function script(database: TestDatabase, ...statements: string[]): void {
  for (const statement of statements) database.prepare(statement).run()
}

describe.each(clients)('$name', (client) => {
  test.each(cases)('$title', ({ run, live, settled }) => {
    const sink = installed(client)
    const database = prepared(client, sink, temporaryFile())
    run(database)
    expect(sink.live()).toEqual(live)
    expect(sink.settled).toEqual(settled)
    expect(sink.settled).not.toContain('open')
    expect(sink.warnings).toEqual([])
  })

  test('rows created in a transaction are open until it is committed', () => {
    const sink = installed(client)
    const database = prepared(client, sink, ':memory:')
    script(database, 'BEGIN', insert('a'))
    expect(sink.records.map(({ state }) => state)).toEqual(['open'])
    script(database, 'COMMIT')
    expect(sink.records.map(({ state }) => state)).toEqual(['live'])
  })

  test('a connection is still captured after its first write was rolled back', () => {
    const sink = installed(client)
    const database = prepared(client, sink, ':memory:')
    script(database, 'BEGIN', 'SAVEPOINT s', insert('a'), 'ROLLBACK TO s', insert('b'), 'ROLLBACK', insert('c'))
    expect(sink.live()).toEqual(['t 2'])
    script(database, 'BEGIN', insert('d'), 'COMMIT')
    expect(sink.live()).toEqual(['t 2', 't 3'])
    expect(sink.warnings).toEqual([])
  })
})

test('transaction() of better-sqlite3 is a transaction, and nested calls are savepoints', () => {
  const [, client] = clients
  if (client === undefined) throw new Error('no better-sqlite3')
  const sink = installed(client)
  const database = opened(client) as TestDatabase & { transaction(fn: () => void): () => void }
  database.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE)')
  const inner = database.transaction(() => {
    database.exec(insert('inner'))
    throw new Error('inner fails')
  })
  const outer = database.transaction(() => {
    database.exec(insert('outer'))
    expect(inner).toThrow('inner fails')
  })
  outer()
  expect(sink.live()).toEqual(['t 1'])
  expect(sink.settled).toEqual(['committed'])
})

function prepared(client: (typeof clients)[number], sink: ReturnType<typeof installed>, file: string): TestDatabase {
  sink.active = false
  const database = opened(client, file)
  database.exec(`CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE); INSERT INTO t VALUES (1, 'seed');
    CREATE TABLE child (id INTEGER PRIMARY KEY, t REFERENCES t DEFERRABLE INITIALLY DEFERRED)`)
  sink.active = true
  return database
}
