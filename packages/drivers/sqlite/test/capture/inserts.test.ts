import { describe, expect, test } from 'vitest'
import { clients, installed, opened, rows, type TestDatabase } from '../clients.ts'

interface Case {
  readonly title: string
  readonly schema: string
  readonly run: (database: TestDatabase) => unknown
  readonly tracked: readonly string[]
  readonly nothings?: readonly string[]
}

const users = 'CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT UNIQUE, age INTEGER DEFAULT 18)'
const seeded = `${users}; INSERT INTO users (id, email) VALUES (1, 'seed')`

const cases: readonly Case[] = [
  {
    title: 'an inserted row',
    schema: seeded,
    run: (db) => db.prepare("INSERT INTO users (email) VALUES ('a')").run(),
    tracked: ['users 2'],
  },
  {
    title: 'several rows in one statement',
    schema: seeded,
    run: (db) => db.prepare("INSERT INTO users (email) VALUES ('a'), ('b'), ('c')").run(),
    tracked: ['users 2', 'users 3', 'users 4'],
  },
  {
    title: 'rows of RETURNING read with all()',
    schema: seeded,
    run: (db) => db.prepare("INSERT INTO users (email) VALUES ('a'), ('b') RETURNING id, email").all(),
    tracked: ['users 2', 'users 3'],
  },
  {
    title: 'a row of RETURNING read with get()',
    schema: seeded,
    run: (db) => db.prepare('INSERT INTO users (email) VALUES (?) RETURNING *').get('a'),
    tracked: ['users 2'],
  },
  {
    title: 'rows of RETURNING read with iterate()',
    schema: seeded,
    run: (db) => [...db.prepare("INSERT INTO users (email) VALUES ('a'), ('b') RETURNING id").iterate()],
    tracked: ['users 2', 'users 3'],
  },
  {
    title: 'rows of a prepared statement that runs repeatedly',
    schema: seeded,
    run: (db) => {
      const statement = db.prepare('INSERT INTO users (email) VALUES (?)')
      return ['a', 'b'].map((email) => statement.run(email))
    },
    tracked: ['users 2', 'users 3'],
  },
  {
    title: 'rows of INSERT … SELECT',
    schema: seeded,
    run: (db) => db.prepare("INSERT INTO users (email) SELECT email || '2' FROM users").run(),
    tracked: ['users 2'],
  },
  {
    title: 'rows of an INSERT with a common table expression',
    schema: seeded,
    run: (db) =>
      db
        .prepare(
          `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3)
           INSERT INTO users (email) SELECT 'u' || i FROM n`,
        )
        .run(),
    tracked: ['users 2', 'users 3', 'users 4'],
  },
  {
    title: 'only the new row of an upsert',
    schema: seeded,
    run: (db) =>
      db
        .prepare(
          `INSERT INTO users (id, email) VALUES (1, 'seed'), (7, 'new')
           ON CONFLICT (id) DO UPDATE SET age = 99 RETURNING id`,
        )
        .all(),
    tracked: ['users 7'],
  },
  {
    title: 'nothing for an upsert that updates',
    schema: seeded,
    run: (db) =>
      db.prepare("INSERT INTO users (email) VALUES ('seed') ON CONFLICT (email) DO UPDATE SET age = 20").run(),
    tracked: [],
    nothings: ['not-a-creation'],
  },
  {
    title: 'nothing for ON CONFLICT DO NOTHING',
    schema: seeded,
    run: (db) => db.prepare("INSERT INTO users (id, email) VALUES (1, 'x') ON CONFLICT DO NOTHING").run(),
    tracked: [],
    nothings: ['updated-existing'],
  },
  {
    title: 'only the new row of INSERT OR IGNORE',
    schema: seeded,
    run: (db) => db.prepare("INSERT OR IGNORE INTO users (id, email) VALUES (1, 'x'), (5, 'y')").run(),
    tracked: ['users 5'],
  },
  {
    title: 'only the new row of INSERT OR REPLACE',
    schema: seeded,
    run: (db) => db.prepare("INSERT OR REPLACE INTO users (id, email) VALUES (1, 'x'), (5, 'y')").run(),
    tracked: ['users 5'],
  },
  {
    title: 'only the new row of REPLACE with recursive_triggers on',
    schema: `${seeded}; PRAGMA recursive_triggers = ON`,
    run: (db) => db.prepare("REPLACE INTO users (id, email) VALUES (1, 'x'), (5, 'y')").run(),
    tracked: ['users 5'],
  },
  {
    title: 'only the last of several rows with the same key in a REPLACE with recursive_triggers on',
    schema: `${seeded}; PRAGMA recursive_triggers = ON`,
    run: (db) => db.prepare("REPLACE INTO users (id, email) VALUES (5, 'x'), (5, 'y')").run(),
    tracked: ['users 5'],
  },
  {
    title: 'no row that a later row of the same REPLACE replaces',
    schema: seeded,
    run: (db) => db.prepare("REPLACE INTO users (id, email) VALUES (5, 'x'), (6, 'x')").run(),
    tracked: ['users 6'],
  },
  {
    title: 'no row that UPDATE OR REPLACE replaces',
    schema: seeded,
    run: (db) => {
      db.exec("INSERT INTO users (id, email) VALUES (5, 'x'), (6, 'y')")
      db.exec("UPDATE OR REPLACE users SET email = 'y' WHERE id = 5")
    },
    tracked: ['users 5'],
  },
  {
    title: 'a row under its own table after a rollback that restores triggers of an earlier schema',
    schema:
      'CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY)',
    run: (db) => {
      db.exec('INSERT INTO a DEFAULT VALUES')
      db.exec('DROP TABLE a')
      db.exec('BEGIN')
      db.exec('INSERT INTO b DEFAULT VALUES')
      db.exec('ROLLBACK')
      db.exec('INSERT INTO b (id) VALUES (7)')
    },
    tracked: ['b 7'],
  },
  {
    title: 'a row of DEFAULT VALUES',
    schema: 'CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, n INTEGER DEFAULT 1)',
    run: (db) => db.prepare('INSERT INTO t DEFAULT VALUES').run(),
    tracked: ['t 1'],
  },
  {
    title: 'a key generated by a column default',
    schema: "CREATE TABLE t (id TEXT PRIMARY KEY DEFAULT ('k' || abs(-5)), n INTEGER)",
    run: (db) => db.prepare('INSERT INTO t (n) VALUES (1)').run(),
    tracked: ['t k5'],
  },
  {
    title: 'a key set by a trigger',
    schema: `CREATE TABLE t (id TEXT PRIMARY KEY, n INTEGER);
      CREATE TRIGGER t_key AFTER INSERT ON t WHEN NEW.id = '?' BEGIN UPDATE t SET id = 'made-' || NEW.n WHERE id = '?'; END`,
    run: (db) => db.prepare("INSERT INTO t VALUES ('?', 4)").run(),
    tracked: ['t made-4'],
  },
  {
    title: 'rows inserted by a trigger of the user',
    schema: `${users}; CREATE TABLE audit (n INTEGER PRIMARY KEY, who TEXT);
      CREATE TRIGGER users_audit AFTER UPDATE OF age ON users BEGIN INSERT INTO audit (who) VALUES (NEW.email); END;
      INSERT INTO users (id, email) VALUES (1, 'seed')`,
    run: (db) => [
      db.prepare("INSERT INTO users (email) VALUES ('a')").run(),
      db.prepare('UPDATE users SET age = 3').run(),
    ],
    tracked: ['users 2', 'audit 1', 'audit 2'],
  },
  {
    title: 'rows inserted through a view with an INSTEAD OF trigger',
    schema: `${seeded}; CREATE VIEW people AS SELECT email FROM users;
      CREATE TRIGGER people_insert INSTEAD OF INSERT ON people BEGIN INSERT INTO users (email) VALUES (NEW.email); END`,
    run: (db) => db.prepare("INSERT INTO people VALUES ('v')").run(),
    tracked: ['users 2'],
  },
  {
    title: 'composite keys in a WITHOUT ROWID table',
    schema: 'CREATE TABLE t (b TEXT, a INTEGER, n, PRIMARY KEY (a, b)) WITHOUT ROWID',
    run: (db) => db.prepare("INSERT INTO t VALUES ('x', 1, 0), ('y', 2, 0)").run(),
    tracked: ['t [1,"x"]', 't [2,"y"]'],
  },
  {
    title: 'keys that are blobs, large integers, reals and text',
    schema: 'CREATE TABLE t (id PRIMARY KEY)',
    run: (db) => db.prepare("INSERT INTO t VALUES (x'00FF'), (9223372036854775807), (1.5), ('text')").run(),
    tracked: ['t 00ff', 't 9223372036854775807', 't 1.5', 't text'],
  },
  {
    title: 'rows of a table without a primary key',
    schema: 'CREATE TABLE t (n)',
    run: (db) => db.prepare('INSERT INTO t VALUES (1), (2)').run(),
    tracked: ['t 1', 't 2'],
  },
  {
    title: 'rows of a table with a column named rowid',
    schema: 'CREATE TABLE t (rowid TEXT, n)',
    run: (db) => db.prepare("INSERT INTO t VALUES ('x', 1)").run(),
    tracked: ['t 1'],
  },
  {
    title: 'rows of a table with names that need quotes',
    schema: `CREATE TABLE "Or""der; DROP TABLE x--" ("the ""id""" INTEGER PRIMARY KEY, [a b] TEXT)`,
    run: (db) => db.prepare(`INSERT INTO "Or""der; DROP TABLE x--" ([a b]) VALUES ('x')`).run(),
    tracked: ['Or"der; DROP TABLE x-- 1'],
  },
  {
    title: 'rows of tables named with non-ASCII letters or keywords',
    schema: 'CREATE TABLE "größe" (id INTEGER PRIMARY KEY); CREATE TABLE "select" ("from" TEXT PRIMARY KEY)',
    run: (db) => [
      db.prepare('INSERT INTO größe DEFAULT VALUES').run(),
      db.prepare(`INSERT INTO "select" VALUES ('it''s')`).run(),
    ],
    tracked: ['größe 1', "select it's"],
  },
  {
    title: 'rows of several statements in one exec()',
    schema: seeded,
    run: (db) =>
      db.exec("INSERT INTO users (email) VALUES ('a;b'); -- ;\nINSERT INTO users (email) VALUES ('c'); SELECT 1"),
    tracked: ['users 2', 'users 3'],
  },
  {
    title: 'rows of tables created and filled in one exec()',
    schema: seeded,
    run: (db) =>
      db.exec(`CREATE TABLE a (id INTEGER PRIMARY KEY); INSERT INTO a VALUES (4);
        CREATE TRIGGER a_t AFTER INSERT ON a BEGIN INSERT INTO users (email) VALUES ('t'); SELECT CASE 1 WHEN 1 THEN 2 END; END;
        INSERT INTO a VALUES (5)`),
    tracked: ['a 4', 'a 5', 'users 2'],
  },
  {
    title: 'rows of an attached database under their own table',
    schema: "ATTACH ':memory:' AS other; CREATE TABLE other.t (id INTEGER PRIMARY KEY)",
    run: (db) => db.prepare('INSERT INTO other.t DEFAULT VALUES').run(),
    tracked: ['t 1'],
  },
  {
    title: 'nothing in temporary tables',
    schema: `${seeded}; CREATE TEMP TABLE t (id INTEGER PRIMARY KEY)`,
    run: (db) => db.prepare('INSERT INTO t DEFAULT VALUES').run(),
    tracked: [],
  },
  {
    title: 'only the new row of REPLACE into a WITHOUT ROWID table',
    schema: "CREATE TABLE t (id TEXT PRIMARY KEY, n) WITHOUT ROWID; INSERT INTO t VALUES ('seed', 1)",
    run: (db) => db.prepare("REPLACE INTO t VALUES ('seed', 2), ('new', 3)").run(),
    tracked: ['t new'],
  },
  {
    title: 'the rows that a failed INSERT OR FAIL keeps',
    schema: seeded,
    run: (db) => attempt(() => db.prepare("INSERT OR FAIL INTO users (email) VALUES ('a'), ('seed'), ('b')").run()),
    tracked: ['users 2'],
  },
  {
    title: 'nothing for a statement that fails',
    schema: seeded,
    run: (db) => attempt(() => db.prepare("INSERT INTO users (email) VALUES ('a'), ('seed')").run()),
    tracked: [],
    nothings: ['rejected'],
  },
  {
    title: 'rows of the statements before a failing one in an exec()',
    schema: seeded,
    run: (db) =>
      attempt(() =>
        db.exec("INSERT INTO users (email) VALUES ('a'); INSERT INTO users (email) VALUES ('seed'); SELECT 1"),
      ),
    tracked: ['users 2'],
  },
  {
    title: 'nothing for a statement that a trigger aborts',
    schema: `${users}; CREATE TRIGGER no AFTER INSERT ON users WHEN NEW.age > 99 BEGIN SELECT RAISE(ABORT, 'too old'); END`,
    run: (db) => attempt(() => db.prepare('INSERT INTO users (age) VALUES (5), (100)').run()),
    tracked: [],
    nothings: ['rejected'],
  },
]

function attempt(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    const { message, code, errcode } = error as { message: string; code: string; errcode?: number }
    return { message, code, errcode }
  }
}

describe.each(clients)('$name', (client) => {
  test.each(cases)('tracks $title, with the same results as without capture', ({ schema, run, tracked, nothings }) => {
    const twin = opened(client)
    twin.exec(schema)
    const expected = run(twin)
    const after = dump(twin)

    const sink = installed(client)
    sink.active = false
    const database = opened(client)
    database.exec(schema)
    sink.active = true
    const result = run(database)

    expect(sink.live()).toEqual(tracked)
    expect(plain(result)).toEqual(plain(expected))
    expect(dump(database)).toEqual(after)
    expect(sink.warnings).toEqual([])
    if (nothings !== undefined) expect(sink.nothings).toEqual(nothings)
  })
})

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? `${one}n` : one)) ?? 'null')
}

/** The schema and row counts that a user sees, and what SQLite reports of the last change. */
function dump(database: TestDatabase): unknown {
  const last = rows(database, 'SELECT changes() AS changes, last_insert_rowid() AS id')
  const schema = rows(database, 'SELECT type, name, tbl_name, sql FROM sqlite_master')
  const tables = rows(database, "SELECT name FROM sqlite_master WHERE type = 'table'").map((row) => {
    const { name } = row as { name: string }
    return [
      name,
      rows(
        database,
        `SELECT quote(t.c) AS c FROM (SELECT json_array(count(*)) AS c FROM "${name.replaceAll('"', '""')}") AS t`,
      ),
    ]
  })
  return { last, schema, tables }
}
