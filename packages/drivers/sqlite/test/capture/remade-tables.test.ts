/** Tables that are rebuilt, renamed or swapped during a test: existing rows stay untracked, and the test's rows are followed. */
import { createRequire } from 'node:module'
import * as nodeSqlite from 'node:sqlite'
import { resources } from '@dustpan/conformance'
import type { CleanupReport } from '@dustpan/core/worker'
import { describe, expect, onTestFinished, test } from 'vitest'
import { newFile, once } from '../application/database.ts'
import { startRun } from '../application/run.ts'

const BetterSqlite3 = createRequire(import.meta.url)('better-sqlite3')

const libraries = [
  ['node:sqlite', nodeSqlite, (file: string) => new nodeSqlite.DatabaseSync(file)],
  ['better-sqlite3', BetterSqlite3, (file: string) => new BetterSqlite3(file) as nodeSqlite.DatabaseSync],
] as const

const shop = `CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO users (name) VALUES ('alice'), ('bob'), ('carol');
  CREATE TABLE settings (k TEXT PRIMARY KEY, v TEXT); INSERT INTO settings VALUES ('theme', 'dark'), ('lang', 'en')`
const everybody = ['alice', 'bob', 'carol']
const names = (file: string, table = 'users') =>
  once(file, '', `SELECT name FROM ${table} ORDER BY id`).map(({ name }) => name)

describe.each(libraries)('%s', (_, library, open) => {
  async function world(sql = shop) {
    const file = newFile(sql)
    const run = await startRun(file, { cleanup: { strategy: 'conditional', retry: { attempts: 1 } } }, {})
    const worker = await run.worker()
    const delivered = worker.session.deliver(library)
    onTestFinished(() => delivered[Symbol.dispose]())
    const client = open(file)
    onTestFinished(() => client.close())
    const inTest = async (title: string, work: () => void, verdict: 'passed' | 'failed' = 'passed') => {
      const scope = await worker.openTest(title)
      scope.run(work)
      return removedRows(await scope.close(verdict, { willRetry: false }))
    }
    const end = async () => {
      await worker.session[Symbol.asyncDispose]()
      return run.main.end('passed')
    }
    return { file, client, worker, inTest, end }
  }

  const rebuilt = {
    'rename, create, copy, drop': `BEGIN; ALTER TABLE users RENAME TO users_old; CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
      INSERT INTO users (id, name) SELECT id, name FROM users_old; DROP TABLE users_old; COMMIT`,
    'copy to a temporary table, drop, create, copy back': `BEGIN; CREATE TEMP TABLE aside AS SELECT * FROM users; DROP TABLE users;
      CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL); INSERT INTO users SELECT * FROM aside; DROP TABLE aside; COMMIT`,
    'copy to a new table, drop, rename': `BEGIN; CREATE TABLE __new_users (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
      INSERT INTO __new_users (id, name) SELECT id, name FROM users; DROP TABLE users; ALTER TABLE __new_users RENAME TO users; COMMIT`,
    'copy to a new table, drop, rename, without a transaction': `CREATE TABLE "__new users" (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
      INSERT INTO "__new users" (id, name) SELECT id, name FROM users; DROP /* old */ TABLE IF EXISTS main."users"; ALTER TABLE "__new users" RENAME TO users`,
    'copy to a new table, rename both': `CREATE TABLE fresh (id INTEGER PRIMARY KEY, name TEXT NOT NULL); INSERT INTO fresh SELECT * FROM users;
      ALTER TABLE users RENAME TO backup; ALTER TABLE fresh RENAME TO users`,
  }

  test.each(Object.entries(rebuilt))(
    'a rebuilt table keeps existing rows and loses those of the test (%s)',
    async (_, sql) => {
      const { file, client, inTest } = await world()
      await inTest('t', () => {
        client.prepare('INSERT INTO users (name) VALUES (?)').run('before')
        client.exec(sql)
        client.prepare('INSERT INTO users (name) VALUES (?)').run('after')
      })
      expect(names(file)).toEqual(everybody)
    },
  )

  test('a table that is rebuilt before any other write keeps existing rows', async () => {
    const { file, client, inTest } = await world()
    await inTest('t', () => client.exec(rebuilt['rename, create, copy, drop']))
    expect(names(file)).toEqual(everybody)
  })

  test('rows copied under new ids are kept, with a DUSTPAN_SQL_UNATTRIBUTED warning', async () => {
    const { file, client, inTest, end } = await world(`${shop}; DELETE FROM users WHERE id = 2`)
    await inTest('t', () => {
      client.exec(`ALTER TABLE users RENAME TO old; CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);
        INSERT INTO users (name) SELECT name FROM old; DROP TABLE old`)
      client.prepare('INSERT INTO users (id, name) VALUES (10, ?)').run('of the test')
    })
    expect(names(file)).toEqual(['alice', 'carol'])
    expect(warnings(await end())).toEqual([expect.stringMatching(/^DUSTPAN_SQL_UNATTRIBUTED .*users/)])
  })

  test('a rebuilt table with text keys keeps existing rows and loses those of the test', async () => {
    const { file, client, inTest } = await world()
    await inTest('t', () => {
      client.exec(`INSERT INTO settings VALUES ('mine', 'x'); CREATE TABLE s (k TEXT PRIMARY KEY, v TEXT NOT NULL);
        INSERT INTO s SELECT * FROM settings; DROP TABLE settings; ALTER TABLE s RENAME TO settings; INSERT INTO settings VALUES ('new', 'y')`)
    })
    expect(once(file, '', 'SELECT k FROM settings ORDER BY k')).toEqual([{ k: 'lang' }, { k: 'theme' }])
  })

  test('rows of a recreated table that only the test filled are removed without a warning', async () => {
    const { file, client, inTest, end } = await world('CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)')
    await inTest('t', () => {
      client.exec("INSERT INTO users (name) VALUES ('x'), ('y'); DROP TABLE users")
      client.exec("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO users (name) VALUES ('z')")
    })
    expect(names(file)).toEqual([])
    expect(warnings(await end())).toEqual([])
  })

  test('a row is removed from its table after the table was renamed', async () => {
    const { file, client, inTest } = await world()
    const report = await inTest('t', () => {
      client.prepare('INSERT INTO users (name) VALUES (?)').run('of the test')
      client.exec('BEGIN; ALTER TABLE users RENAME TO people; COMMIT')
    })
    expect(report).toEqual(['people 4 removed 1 row'])
    expect(names(file, 'people')).toEqual(everybody)
  })

  test('rows are removed after a rename or drop of their table was rolled back', async () => {
    const { file, client, inTest } = await world()
    await inTest('t', () => {
      client.prepare('INSERT INTO users (name) VALUES (?)').run('of the test')
      client.exec('BEGIN; ALTER TABLE users RENAME TO people; ROLLBACK')
      client.exec("BEGIN; INSERT INTO users (name) VALUES ('x'); SAVEPOINT a; DROP TABLE users; ROLLBACK TO a; COMMIT")
    })
    expect(names(file)).toEqual(everybody)
  })

  test('rows of the file scope still belong to it after a test renamed their table', async () => {
    const { file, client, worker, inTest } = await world()
    worker.file.run(() => client.prepare('INSERT INTO users (name) VALUES (?)').run('of the file'))
    await inTest('t', () => client.exec('ALTER TABLE users RENAME TO people'))
    expect(names(file, 'people')).toEqual([...everybody, 'of the file'])
    await worker.file.close('passed', { willRetry: false })
    expect(names(file, 'people')).toEqual(everybody)
  })

  test('swapping two table names removes no existing row, with a DUSTPAN_SQL_UNATTRIBUTED warning', async () => {
    const { file, client, inTest, end } = await world(`CREATE TABLE live (id INTEGER PRIMARY KEY, name TEXT);
      CREATE TABLE staging (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO live VALUES (1, 'real'); INSERT INTO staging VALUES (7, 'old import')`)
    await inTest('t', () => {
      client.exec("DELETE FROM staging; INSERT INTO staging (name) VALUES ('of the test'), ('another')")
      client.exec(
        'ALTER TABLE live RENAME TO old; ALTER TABLE staging RENAME TO live; ALTER TABLE old RENAME TO staging',
      )
    })
    expect(names(file, 'staging')).toEqual(['real'])
    expect(names(file, 'live')).toEqual(['of the test'])
    expect(warnings(await end())).toEqual([expect.stringMatching(/^DUSTPAN_SQL_UNATTRIBUTED .*live/)])
  })

  test('an existing row that replaced a row of the test under its key is not removed', async () => {
    const { file, client, inTest } = await world()
    await inTest('t', () => {
      client.exec("INSERT INTO users (name) VALUES ('of the test'); UPDATE OR REPLACE users SET id = 4 WHERE id = 1")
    })
    expect(names(file)).toEqual(['bob', 'carol', 'alice'])
    await inTest('in a transaction', () => {
      client.exec(
        "BEGIN; INSERT INTO users (name) VALUES ('of the test'); UPDATE OR REPLACE users SET id = 5 WHERE id = 2; COMMIT",
      )
    })
    expect(names(file)).toEqual(['carol', 'alice', 'bob'])
  })
})

function removedRows(report: CleanupReport | undefined): string[] {
  const removed = resources(report).filter(({ state }) => state === 'removed')
  return removed.map(({ type, key, result }) => `${type} ${key} removed ${result}`)
}

function warnings(report: CleanupReport | undefined): string[] {
  return (report?.warnings ?? []).map(({ code, message }) => `${code} ${message}`)
}
