/** What do triggers cost an application that writes to a SQLite file, and how long does it take to clean up after a click? */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { applicationLogs, loadSettings } from '@dustpan/core/ledger'
import type { OpenScope } from '@dustpan/core/worker'
import { compare } from './compare.ts'
import { benchSession } from './session.ts'

const tables = ['users', 'carts', 'orders', 'items', 'payments', 'mails'] as const
const seeds = 1000
const schema = `
CREATE TABLE bare (id INTEGER PRIMARY KEY, email TEXT, name TEXT);
${tables.map((table, i) => tableSql(table, tables[i - 1])).join('\n')}`

function tableSql(table: string, parent: string | undefined): string {
  const columns = parent === undefined ? 'email TEXT, name TEXT' : `parent INT REFERENCES ${parent}`
  const numbers = `WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < ${seeds})`
  const fill =
    parent === undefined
      ? `${numbers} INSERT INTO ${table} (email) SELECT 'x' FROM n`
      : `INSERT INTO ${table} (parent) SELECT id FROM ${parent}`
  const index = parent === undefined ? '' : `CREATE INDEX by_${table}_parent ON ${table} (parent);`
  return `CREATE TABLE ${table} (id INTEGER PRIMARY KEY, ${columns}); ${index} ${fill};`
}

/** On a disk, as writes to a file in memory never wait. */
const scratch = join(import.meta.dirname, 'node_modules')
mkdirSync(scratch, { recursive: true })
const folder = mkdtempSync(join(scratch, '.sqlite-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))

for (const journal of ['delete', 'wal']) {
  const file = join(folder, `${journal}.db`)
  const application = new DatabaseSync(file, { timeout: 5000 })
  application.exec(`PRAGMA journal_mode = ${journal}; ${schema}`)
  const drivers = [{ use: '@dustpan/sqlite', name: 'main', options: { file, application: true, capture: false } }]
  await install(drivers)
  const settings = { journal, synchronous: 'full', seedRows: seeds }
  await inserts(application, journal, settings)
  await clicks(application, journal, drivers, settings)
  application.close()
}

async function install(drivers: readonly object[]): Promise<void> {
  const at = mkdtempSync(join(scratch, '.install-'))
  writeFileSync(join(at, 'dustpan.config.json'), JSON.stringify({ drivers }))
  for (const log of await applicationLogs(await loadSettings(at))) await log.apply(await log.plan('install', tables))
  rmSync(at, { recursive: true })
}

async function inserts(application: DatabaseSync, journal: string, settings: Record<string, string | number>) {
  const arms = [
    { name: 'bare', table: 'bare' },
    { name: 'logged', table: 'users' },
  ]
  const n = 50
  await compare({
    name: `sqlite-trigger-insert-${journal}`,
    question: `${n} inserts by the application, each committed to disk, one after the other`,
    rounds: 25,
    settings,
    arms: arms.map(({ name, table }) => {
      const insert = application.prepare(`INSERT INTO ${table} (email, name) VALUES (?, ?)`)
      return {
        name,
        run: () => {
          for (let i = 0; i < n; i++) insert.run(`${i}@example.com`, 'name')
        },
      }
    }),
    limits: [{ arm: 'logged', than: 'bare', kind: 'atMost', value: 1.3 }],
  })
  await compare({
    name: `sqlite-trigger-insert-many-${journal}`,
    question: '1,000 rows by the application in one transaction',
    rounds: 15,
    settings,
    arms: arms.map(({ name, table }) => {
      const insert = application.prepare(`INSERT INTO ${table} (email, name) VALUES (?, ?)`)
      return {
        name,
        run: () => {
          application.exec('BEGIN')
          for (let i = 0; i < 1000; i++) insert.run(`${i}@example.com`, 'name')
          application.exec('COMMIT')
        },
      }
    }),
  })
  application.exec('DELETE FROM dustpan_log')
}

/** Five rows in each of six tables, each table referring to the one before. */
async function clicks(
  application: DatabaseSync,
  journal: string,
  drivers: readonly object[],
  settings: Record<string, string | number>,
) {
  await using bench = await benchSession({ drivers, cleanup: { strategy: 'immediate' } })
  let test: OpenScope
  const click = async () => {
    test = bench.openTest()
    await test.ready()
    application.exec('BEGIN IMMEDIATE')
    application.prepare('UPDATE dustpan_context SET run = ?, scope = ?').run(bench.session.run, test.id)
    application.exec("INSERT INTO users (email) VALUES ('x'), ('x'), ('x'), ('x'), ('x')")
    for (const [i, table] of tables.slice(1).entries())
      application.exec(`INSERT INTO ${table} (parent) SELECT id FROM ${tables[i]} ORDER BY id DESC LIMIT 5`)
    application.exec('UPDATE dustpan_context SET run = NULL, scope = NULL; COMMIT')
  }
  await compare({
    name: `sqlite-application-rows-30-${journal}`,
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
    ],
    limits: [{ arm: 'Dustpan', than: 'nothing', kind: 'atMostMore', value: 10 }],
  })
}
