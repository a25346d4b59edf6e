/** What does sending records to a shared ledger cost, by itself and as part of a run? */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { requireServer, startServer } from '@dustpan/conformance/servers'
import { createLedger as createPostgresLedger } from '@dustpan/postgres-ledger'
import { createLedger as createRedisLedger } from '@dustpan/redis-ledger'
import { execa } from 'execa'
import { Redis } from 'ioredis'
import pg from 'pg'
import { compare } from './compare.ts'
import { sending } from './sending.ts'

const server = await startServer({ durable: true })
const url = await server.database(
  'CREATE TABLE plain (run text, writer text, line integer, text text NOT NULL, PRIMARY KEY (run, writer, line))',
)
const settings = { PostgreSQL: server.version, node: process.version }

await toPostgres()
await toRedis()
await runs()
await server[Symbol.asyncDispose]()

async function toPostgres(): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  const write = (run: string, lines: readonly string[]) => {
    const rows = lines.map((_, i) => `($1, 'w1', ${i + 1}, $${i + 2})`)
    return client.query(`INSERT INTO plain (run, writer, line, text) VALUES ${rows.join()}`, [run, ...lines])
  }
  const byHand = { name: 'one INSERT of the same lines', limit: 1.5, write }
  await sending('shared-ledger', createPostgresLedger({ url }), byHand, settings)
  await client.end()
}

async function toRedis(): Promise<void> {
  await using redis = await requireServer('redis', { flags: ['--appendonly', 'yes'] })
  const client = new Redis(redis.url)
  const write = (run: string, lines: readonly string[]) => client.rpush(`plain:${run}:w1`, ...lines)
  // A single command: repeated, it would write all lines twice.
  const byHand = { name: 'one RPUSH of the same lines', limit: 2, write }
  const of = { Redis: redis.version, node: process.version }
  await sending('shared-ledger-redis', createRedisLedger({ url: redis.url }), byHand, of)
  client.disconnect()
}

/** Measures whole runs, each in a process of its own. */
async function runs(): Promise<void> {
  const away = 'postgres://127.0.0.1:1/away'
  const arm = (name: string, at?: string) => {
    const folder = mkdtempSync(join(import.meta.dirname, 'node_modules', '.shared-'))
    mkdirSync(join(folder, '.dustpan'))
    const ledger = at === undefined ? {} : { ledger: { use: '@dustpan/postgres-ledger', options: { url: at } } }
    writeFileSync(join(folder, 'dustpan.config.json'), JSON.stringify(ledger))
    const program = join(import.meta.dirname, 'shared-run.ts')
    const env = { DUSTPAN_REAPER: '1', DUSTPAN_DIR: join(folder, '.dustpan') }
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
    return { name, run: async () => Number((await execa(process.execPath, [program, folder], { env })).stdout) }
  }
  await compare({
    name: 'shared-ledger-run',
    question: 'A run of 100 tests of 20 ms that create something, and its end',
    settings,
    arms: [arm('without'), arm('with a shared ledger', url), arm('with one that is away', away)],
    limits: [{ arm: 'with a shared ledger', than: 'without', kind: 'atMostMore', value: 500 }],
  })
}
