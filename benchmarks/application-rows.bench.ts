/** What do triggers cost the application, and how long does it take to clean up after a click? */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { once, startServer } from '@dustpan/conformance/servers'
import { applicationLogs, loadSettings } from '@dustpan/core/ledger'
import type { OpenScope } from '@dustpan/core/worker'
import type pg from 'pg'
import { compare } from './compare.ts'
import { benchSession } from './session.ts'
import { unpatchedCopy } from './two-copies.ts'

const tables = ['users', 'carts', 'orders', 'items', 'payments', 'mails'] as const
const seeds = 1000
const schema = `
CREATE TABLE bare (id serial PRIMARY KEY, email text, name text);
${tables.map((table, i) => tableSql(table, tables[i - 1])).join('\n')}
ANALYZE`

function tableSql(table: string, parent: string | undefined): string {
  const columns = parent === undefined ? 'email text, name text' : `parent int REFERENCES ${parent}`
  const fill =
    parent === undefined ? `(email) SELECT 'x' FROM generate_series(1, ${seeds})` : `(parent) SELECT id FROM ${parent}`
  const index = parent === undefined ? '' : `CREATE INDEX ON ${table} (parent);`
  return `CREATE TABLE ${table} (id serial PRIMARY KEY, ${columns}); ${index} INSERT INTO ${table} ${fill};`
}

await using server = await startServer({ durable: true })
const url = await server.database(schema)
const drivers = [
  { use: '@dustpan/postgres', name: 'main', options: { url, application: true, ignoreTables: ['bare'] } },
]
await install()
const application = new (unpatchedCopy<typeof pg>('pg').Client)(url)
await application.connect()
await using bench = await benchSession({ drivers, cleanup: { strategy: 'immediate' } })
const settings = { server: 18, fsync: 'on', seedRows: seeds }

async function install(): Promise<void> {
  const folder = mkdtempSync(join(import.meta.dirname, 'node_modules', '.install-'))
  writeFileSync(join(folder, 'dustpan.config.json'), JSON.stringify({ drivers }))
  for (const log of await applicationLogs(await loadSettings(folder))) await log.apply(await log.plan('install'))
  rmSync(folder, { recursive: true })
}

const n = 200
const insert = async (table: string) => {
  for (let i = 0; i < n; i++)
    await application.query(`INSERT INTO ${table} (email, name) VALUES ($1, $2) RETURNING id`, [
      `${i}@example.com`,
      'name',
    ])
}
await compare({
  name: 'trigger-insert',
  question: `${n} inserts by the application, one after the other`,
  rounds: 25,
  settings,
  arms: [
    { name: 'bare', run: () => insert('bare') },
    { name: 'logged', run: () => insert('users') },
  ],
  limits: [{ arm: 'logged', than: 'bare', kind: 'atMost', value: 1.3 }],
})
await compare({
  name: 'trigger-insert-many',
  question: '1,000 rows by one statement of the application',
  rounds: 15,
  settings,
  arms: ['bare', 'users'].map((table) => ({
    name: table === 'bare' ? 'bare' : 'logged',
    run: () => application.query(`INSERT INTO ${table} (email) SELECT 'x' FROM generate_series(1, 1000)`),
  })),
})
await once(url, 'TRUNCATE dustpan.log')

let test: OpenScope
/** Five rows in each of six tables, each table referring to the one before. */
async function click(): Promise<void> {
  test = bench.openTest()
  await test.ready()
  await application.query('BEGIN')
  await application.query(`SELECT set_config('dustpan.run', $1, true), set_config('dustpan.scope', $2, true)`, [
    bench.session.run,
    test.id,
  ])
  await application.query("INSERT INTO users (email) SELECT 'x' FROM generate_series(1, 5)")
  for (const [i, table] of tables.slice(1).entries())
    await application.query(`INSERT INTO ${table} (parent) SELECT id FROM ${tables[i]} ORDER BY id DESC LIMIT 5`)
  await application.query('COMMIT')
}
await compare({
  name: 'application-rows-30',
  question: 'Cleaning up after a click that made 30 rows in 6 tables: collected from the log, and removed',
  rounds: 30,
  settings,
  arms: [
    { name: 'nothing', run: () => 0 },
    {
      name: 'Dustpan',
      warmups: 20,
      before: click,
      run: async () => {
        const report = await test.close('passed', { willRetry: false })
        if (report?.totals.removed !== 30) throw new Error(`removed ${report?.totals.removed} of 30`)
      },
    },
    {
      name: 'a test that wrote nothing',
      before: async () => {
        test = bench.openTest()
        await test.ready()
      },
      run: () => test.close('passed', { willRetry: false }),
    },
  ],
  limits: [{ arm: 'Dustpan', than: 'nothing', kind: 'atMostMore', value: 10 }],
})
await application.end()
