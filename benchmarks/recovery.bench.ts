/** What does it cost to remove what a killed run left in PostgreSQL? */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startServer } from '@dustpan/conformance/servers'
import { listRuns, loadSettings, recoverRun } from '@dustpan/core/ledger'
import { execa } from 'execa'
import type pg from 'pg'
import { compare } from './compare.ts'
import { unpatchedCopy } from './two-copies.ts'

const [tests, rows] = [100, 100]
const n = tests * rows
const schema = `
CREATE TABLE users (id serial PRIMARY KEY, name text);
INSERT INTO users (name) SELECT 'other people' FROM generate_series(1, 1000);
ANALYZE;`

await using server = await startServer({ durable: true })
const url = await server.database(schema)
const folder = mkdtempSync(join(import.meta.dirname, 'node_modules', '.recovery-'))
const dir = join(folder, '.dustpan')
const drivers = [{ use: '@dustpan/postgres', name: 'main', options: { url } }]
writeFileSync(join(folder, 'dustpan.config.json'), JSON.stringify({ drivers }))
const settings = await loadSettings(folder, { DUSTPAN_DIR: dir })
const Client = unpatchedCopy<typeof pg>('pg').Client
const client = new Client(url)
await client.connect()
const removal = 'DELETE FROM users WHERE id = ANY($1)'
const noted = join(folder, 'keys.json')
let keys: number[] = []

async function fill(): Promise<void> {
  const made = await client.query(`INSERT INTO users (name) SELECT 'mine' FROM generate_series(1, ${n}) RETURNING id`)
  keys = made.rows.map(({ id }) => id)
  writeFileSync(noted, JSON.stringify(keys))
}

/** Whoever comes after a killed run has neither its connection nor its variables: only what it wrote down. */
async function removeNoted(): Promise<void> {
  const own = new Client(url)
  await own.connect()
  await own.query(removal, [JSON.parse(readFileSync(noted, 'utf8'))])
  await own.end()
}

const bulk = 'the DELETE alone, on a connection that is open'
const arms = [
  { name: bulk, warmups: 3, before: fill, run: () => client.query(removal, [keys]) },
  { name: 'a script: keys from a file, connect, the DELETE', warmups: 3, before: fill, run: removeNoted },
  {
    name: 'Dustpan',
    warmups: 3,
    before: async () => {
      const program = join(import.meta.dirname, 'orphaned-rows.ts')
      await execa(process.execPath, [program, folder, url, String(tests), String(rows)], {
        env: { DUSTPAN_DIR: dir, DUSTPAN_REAPER: '0' },
        reject: false,
      })
    },
    run: async () => {
      const [run] = listRuns(dir)
      const found = await recoverRun(settings, run?.id ?? '', { role: 'cli', runner: 'bench' })
      const removed = found.filter(({ state }) => state === 'removed').length
      if (removed !== n) throw new Error(`removed ${removed} of ${n}`)
    },
  },
]

await compare({
  name: 'recovery-10000',
  question: `Removing ${n} rows that ${tests} tests of a killed run left, from the ledger`,
  rounds: 9,
  settings: { server: String((await client.query('SHOW server_version')).rows[0].server_version), fsync: 'on' },
  arms,
  limits: [{ arm: 'Dustpan', than: bulk, kind: 'atMost', value: 1.5 }],
})
await client.end()
rmSync(folder, { recursive: true, force: true })
