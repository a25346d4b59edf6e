/** What does tracking cost an insert into a SQLite file, and what does it cost to remove rows? */
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type Sqlite from 'better-sqlite3'
import { compareCaptured } from './captured.ts'
import { compareRemoved } from './removed.ts'
import { benchSession } from './session.ts'
import { load, unpatchedCopy } from './two-copies.ts'

const Unpatched = unpatchedCopy<typeof Sqlite>('better-sqlite3')

/** On a disk, as writes to a file in memory never wait. */
const folder = mkdtempSync(join(import.meta.dirname, 'node_modules', '.sqlite-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
const file = join(folder, 'bench.db')
await using bench = await benchSession({ drivers: [{ use: '@dustpan/sqlite', name: 'main', options: { file } }] })
const bare = new Unpatched(file)
bare.exec(`PRAGMA journal_mode = wal; PRAGMA synchronous = full;
CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, name TEXT);
WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 1000) INSERT INTO users (name) SELECT 'other people' FROM n`)
const tracked = new (load<typeof Sqlite>('better-sqlite3'))(file)
tracked.pragma('synchronous = full')
const settings = { 'better-sqlite3': 13, journal: 'wal', synchronous: 'full', seedRows: 1000 }

const insertInto = (database: Sqlite.Database) => {
  const statement = database.prepare('INSERT INTO users (email, name) VALUES (?, ?)')
  return () => statement.run('user@example.com', 'name')
}
await compareCaptured({
  name: 'sqlite-insert',
  question: 'insert by better-sqlite3',
  ...{ calls: 200, rounds: 25, warmups: 5, settings, bench },
  bare: insertInto(bare),
  tracked: insertInto(tracked),
})

/** Inserts rows, whose keys are consecutive. */
function fill(database: Sqlite.Database, n: number): readonly number[] {
  const sql = `INSERT INTO users (name) VALUES ${Array.from({ length: n }, () => "('mine')").join()}`
  const last = Number(database.prepare(sql).run().lastInsertRowid)
  return Array.from({ length: n }, (_, index) => last - n + 1 + index)
}

async function removal(n: number, rounds: number): Promise<void> {
  await compareRemoved({
    name: `sqlite-removal-${n}`,
    question: `${n} rows of one table`,
    ...{ n, rounds, warmups: 10, settings, bench },
    bare: () => fill(bare, n),
    tracked: () => fill(tracked, n),
    byHand: {
      name: 'DELETE … IN (json_each(?)) by hand',
      run: (keys) =>
        bare.prepare('DELETE FROM users WHERE id IN (SELECT value FROM json_each(?))').run(JSON.stringify(keys)),
    },
    loop: {
      name: 'loop of DELETE id = ?',
      run: (keys) => {
        const statement = bare.prepare('DELETE FROM users WHERE id = ?')
        for (const key of keys) statement.run(key)
      },
    },
  })
}

await removal(10, 30)
await removal(100, 30)
await removal(1_000, 15)
await removal(10_000, 5)
bare.close()
tracked.close()
