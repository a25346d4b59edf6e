/** Rows of real SQLite databases whose trigger reads the ids from `dustpan_context`. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import BetterSqlite3 from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SqliteDatabase } from '../../src/context/sqlite.ts'
import { testContext } from '../../src/context/test-context.ts'

const context = testContext({ enabled: true, environment: 'test', lingerMs: 0 })

const inRequestOf = <T>(who: string, work: () => T): Promise<T> => {
  const headers: Record<string, string> = who === '-' ? {} : { baggage: `test.run_id=run,test.scope_id=${who}` }
  return Promise.resolve(context.fetch(work)(new Request('http://app.test', { headers })))
}

const schema = `
  CREATE TABLE parents (id INTEGER PRIMARY KEY);
  CREATE TABLE rows (id INTEGER PRIMARY KEY, expected TEXT UNIQUE, parent REFERENCES parents DEFERRABLE INITIALLY DEFERRED);
  CREATE TABLE log (expected TEXT, got TEXT);
`
const triggers = `
  CREATE TABLE dustpan_context (run TEXT, scope TEXT);
  INSERT INTO dustpan_context VALUES (NULL, NULL);
  CREATE TRIGGER t AFTER INSERT ON rows BEGIN
    INSERT INTO log SELECT new.expected, coalesce(run || '.' || scope, '-') FROM dustpan_context;
  END;
`

describe.each([
  ['node:sqlite', (file: string): SqliteDatabase & { close(): void } => new DatabaseSync(file)],
  ['better-sqlite3', (file: string): SqliteDatabase & { close(): void } => new BetterSqlite3(file)],
] as const)('%s', (_, open) => {
  let folder: string
  let database: ReturnType<typeof open>
  let other: ReturnType<typeof open>
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dustpan-context-'))
    database = open(join(folder, 'app.db'))
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON; ${schema}`)
    other = open(join(folder, 'app.db'))
  })
  afterEach(() => {
    database.close()
    other.close()
    rmSync(folder, { recursive: true })
  })
  const insert = (who: string, into: SqliteDatabase = database) =>
    into.prepare('INSERT INTO rows (expected) VALUES (?)').run(who)
  const log = () =>
    other
      .prepare("SELECT expected || ' ' || got AS line FROM log")
      .all()
      .map(({ line }: { line: string }) => line)
  const contextRows = () => other.prepare('SELECT * FROM dustpan_context').all()

  test('each row has the ids of its own test, and other connections never see them', async () => {
    other.exec(triggers)
    context.propagateTo(database)
    await inRequestOf('a', () => insert('a'))
    insert('nobody')
    await inRequestOf('b', () => database.prepare('INSERT INTO rows (expected) VALUES (?) RETURNING id').get('b'))
    await inRequestOf('c', () => {
      database.exec('BEGIN')
      insert('c')
      expect(contextRows()).toEqual([{ run: null, scope: null }])
      database.exec('COMMIT')
    })
    await inRequestOf('d', () => {
      database.exec("INSERT INTO rows (expected) VALUES ('d')")
      insert('stranger', other)
    })
    await inRequestOf('e', () =>
      database.prepare('WITH x AS (SELECT 1) INSERT INTO rows (expected) SELECT ? FROM x').run('e'),
    )
    expect(log()).toEqual(['a run.a', 'nobody -', 'b run.b', 'c run.c', 'd run.d', 'stranger -', 'e run.e'])
    expect(contextRows()).toEqual([{ run: null, scope: null }])
  })

  test('a prepared statement shared by several requests writes the id of each', async () => {
    other.exec(triggers)
    context.propagateTo(database)
    const statement = database.prepare('INSERT INTO rows (expected) VALUES (?)')
    const work = async (who: string) => {
      await null
      return statement.run(who)
    }
    await Promise.all(['a', '-', 'b'].map((who) => inRequestOf(who, () => work(who))))
    expect(log()).toEqual(['a run.a', '- -', 'b run.b'])
  })

  test('errors of the database reach the caller and leave no id and no transaction behind', async () => {
    other.exec(triggers)
    context.propagateTo(database)
    insert('taken')
    await expect(inRequestOf('a', () => insert('taken'))).rejects.toThrow(/UNIQUE/)
    const orphan = () => database.prepare("INSERT INTO rows (expected, parent) VALUES ('x', 9)").run()
    await expect(inRequestOf('a', orphan)).rejects.toThrow(/FOREIGN KEY/)
    const whole = () => database.prepare("INSERT OR ROLLBACK INTO rows (expected) VALUES ('taken')").run()
    await expect(inRequestOf('a', whole)).rejects.toThrow(/UNIQUE/)
    await inRequestOf('a', () => {
      database.exec('BEGIN')
      insert('kept')
      expect(() => insert('taken')).toThrow(/UNIQUE/)
      database.exec('COMMIT')
    })
    insert('after')
    expect(log()).toEqual(['taken -', 'kept run.a', 'after -'])
    expect(contextRows()).toEqual([{ run: null, scope: null }])
  })

  test('changes and lastInsertRowid are unchanged', async () => {
    other.exec(triggers)
    const plain = insert('one')
    context.propagateTo(database)
    const propagated = await inRequestOf('a', () => insert('two'))
    expect(Number(propagated.changes)).toBe(Number(plain.changes))
    expect(Number(propagated.lastInsertRowid)).toBe(2)
    expect(await inRequestOf('a', () => Number(database.prepare('SELECT last_insert_rowid() AS id').get().id))).toBe(2)
  })

  test('without the table dustpan_context nothing is written, and it may be created and dropped later', async () => {
    context.propagateTo(database)
    await inRequestOf('a', () => insert('before'))
    other.exec(triggers)
    await inRequestOf('a', () => insert('a'))
    other.exec('DROP TRIGGER t; DROP TABLE dustpan_context')
    await inRequestOf('a', () => insert('later'))
    expect(log()).toEqual(['a run.a'])
  })
})

test('rows of a better-sqlite3 transaction() have the ids, and none remain after it', async () => {
  const database = new BetterSqlite3(':memory:')
  database.exec(schema + triggers)
  context.propagateTo(database)
  const both = database.transaction(() => {
    database.prepare("INSERT INTO rows (expected) VALUES ('a')").run()
    database.prepare("INSERT INTO rows (expected) VALUES ('b')").run()
  })
  await inRequestOf('w1-1', () => both())
  expect(database.prepare('SELECT got FROM log').pluck().all()).toEqual(['run.w1-1', 'run.w1-1'])
  expect(database.prepare('SELECT * FROM dustpan_context').get()).toEqual({ run: null, scope: null })
  database.close()
})
