/** What does it cost to remove what a killed run left in PostgreSQL? */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startServer } from '@dustpan/conformance/servers'
import { listRuns, loadSettings, recoverRun } from '@dustpan/core/ledger'
import { execa } from 'execa'
import type pg from 'pg'
import { compare } from './compare.ts'
import { fill, type Keys, linkedTables, removeByHand } from './linked-tables.ts'
import { unpatchedCopy } from './two-copies.ts'

const tests = 100

await using server = await startServer({ durable: true })
const url = await server.database(linkedTables)
const folder = mkdtempSync(join(import.meta.dirname, 'node_modules', '.recovery-'))
const dir = join(folder, '.dustpan')
const drivers = [{ use: '@dustpan/postgres', name: 'main', options: { url } }]
writeFileSync(join(folder, 'dustpan.config.json'), JSON.stringify({ drivers }))
const settings = await loadSettings(folder, { DUSTPAN_DIR: dir })
const Client = unpatchedCopy<typeof pg>('pg').Client
const client = new Client(url)
await client.connect()
const version = String((await client.query('SHOW server_version')).rows[0].server_version)
const noted = join(folder, 'keys.json')

await question('recovery-10000', 100, 1)
await question('recovery-4x2500', 25, 4)
await client.end()
rmSync(folder, { recursive: true, force: true })

/** @param rows the number of rows that each test wrote to each of the first tables */
async function question(name: string, rows: number, count: number): Promise<void> {
  const n = tests * rows * count
  let keys: Keys = {}
  const before = async () => {
    keys = await fill(client, tests * rows, count)
    writeFileSync(noted, JSON.stringify(keys))
  }
  const bulk = 'by hand, on a connection that is open'
  await compare({
    name,
    question: `Removing ${n} rows of ${count === 1 ? 'one table' : `${count} linked tables`} that ${tests} tests of a killed run left, from the ledger`,
    rounds: 9,
    settings: { server: version, fsync: 'on' },
    arms: [
      { name: bulk, warmups: 3, before, run: () => removeByHand(client, keys) },
      { name: 'by hand, in a script: keys from a file, connect', warmups: 3, before, run: removeNoted },
      { name: 'Dustpan', warmups: 3, before: () => leave(rows, count), run: () => recoverAll(n) },
    ],
    limits: [{ arm: 'Dustpan', than: bulk, kind: 'atMost', value: 1.5 }],
  })
}

/** Removes rows by keys noted in a file, as a killed run leaves neither a connection nor variables. */
async function removeNoted(): Promise<void> {
  const own = new Client(url)
  await own.connect()
  await removeByHand(own, JSON.parse(readFileSync(noted, 'utf8')))
  await own.end()
}

async function leave(rows: number, count: number): Promise<void> {
  const program = join(import.meta.dirname, 'orphaned-rows.ts')
  await execa(process.execPath, [program, folder, url, String(tests), String(rows), String(count)], {
    env: { DUSTPAN_DIR: dir, DUSTPAN_REAPER: '0' },
    reject: false,
  })
}

async function recoverAll(n: number): Promise<void> {
  const [run] = listRuns(dir)
  const found = await recoverRun(settings, run?.id ?? '', { role: 'cli', runner: 'bench' })
  const removed = found.filter(({ state }) => state === 'removed').length
  if (removed !== n) throw new Error(`removed ${removed} of ${n}`)
}
