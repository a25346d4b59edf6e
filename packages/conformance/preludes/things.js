/** What test files create things with, and how they see that they are there. */
import assert from 'node:assert/strict'
import { appendFileSync, readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

export { assert, sleep }

/** What a test file needs, in a place of its own. */
export function thingsOf(place) {
  const url = (path) => `${process.env.API}/${place}/${path}`
  return {
    async create(collection) {
      const answer = await fetch(url(collection), { method: 'POST' })
      return answer.json()
    },
    /** Not by this process: by the application, and HTTP does not tell of it. */
    writeAsApplication: (text) => fetch(url(`write/${text}`), { method: 'POST' }),
    /** How many say that they are at work, as a note. */
    askHowManyRuns: () => fetch(url('runs'), { method: 'POST' }),
    async exists(path) {
      return (await fetch(url(path))).status === 200
    },
    openPool: () => new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 2 }),
    note: (client, text) => client.query('INSERT INTO notes (place, text) VALUES ($1, $2)', [place, text]),
    noteInSqlite(text) {
      const database = new DatabaseSync('notes.db')
      database.exec('PRAGMA busy_timeout = 5000')
      database.prepare('INSERT INTO notes (place, text) VALUES (?, ?)').run(place, text)
      database.close()
    },
    /** How often this was called before, with what, in whatever process. */
    remember(value) {
      const file = `${place}.txt`
      appendFileSync(file, `${value}\n`)
      return readFileSync(file, 'utf8').split('\n').slice(0, -2)
    },
  }
}
