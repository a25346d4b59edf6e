/** A complete project: packed tarballs installed by npm, the plugin, several stores, a passing and a failing test. */
import { existsSync, readdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { startApi } from '@dustpan/conformance'
import { once } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { createProject, outcomes, type Project, resources } from './project.ts'

const schema = `CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users (id));
INSERT INTO users (id, name) VALUES (1, 'somebody else');`
const pgSchema = schema
  .replaceAll('INTEGER PRIMARY KEY', 'serial PRIMARY KEY')
  .replace('(id, name) VALUES (1,', '(name) VALUES (')

const suite = (imports: string) => `
${imports}
const { DATABASE_URL, API } = process.env
const everywhere = async () => {
  await (await fetch(API + '/things', { method: 'POST' })).json()
  writeFileSync(join(temporaryFolder('proof'), 'a.txt'), 'a')
  for (const database of [new DatabaseSync('shop.db'), new Database('shop.db')]) {
    database.exec('PRAGMA foreign_keys = ON')
    const { lastInsertRowid } = database.prepare('INSERT INTO users (name) VALUES (?)').run('mine')
    database.prepare('INSERT INTO orders (user_id) VALUES (?)').run(lastInsertRowid)
    database.close()
  }
  const client = new pg.Client(DATABASE_URL)
  await client.connect()
  const { rows, rowCount } = await client.query("INSERT INTO users (name) VALUES ('mine')")
  expect({ rows, rowCount }).toEqual({ rows: [], rowCount: 1 })
  await client.query('INSERT INTO orders (user_id) SELECT max(id) FROM users')
  await client.end()
}
test('passes', everywhere)
test('fails', async () => { await everywhere(); expect(1).toBe(2) })
`

const esm = suite(`import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import Database from 'better-sqlite3'
import pg from 'pg'
import { expect, test } from 'vitest'
import { temporaryFolder } from '@dustpan/core'`)

const commonJs = `const { writeFileSync } = require('node:fs')
const { join } = require('node:path')
const { DatabaseSync } = require('node:sqlite')
const Database = require('better-sqlite3')
const pg = require('pg')
const { temporaryFolder, track, DustpanError } = require('@dustpan/core')
module.exports = { writeFileSync, join, DatabaseSync, Database, pg, temporaryFolder }
`

const config = `
import { defineConfig, env } from '@dustpan/core'
import { postgres } from '@dustpan/postgres'
import { sqlite } from '@dustpan/sqlite'
export default defineConfig({
  cleanup: { strategy: 'conditional' },
  drivers: [postgres({ name: 'main', url: env('DATABASE_URL') }), sqlite({ name: 'shop', file: 'shop.db' })],
})
`

const createdTypes = ['folder', 'orders', 'orders', 'orders', 'thing', 'users', 'users', 'users']

const server = await testServer()
async function runIn(project: Project) {
  await using api = await startApi()
  const url = await server.database(pgSchema)
  const database = new DatabaseSync(join(project.folder, 'shop.db'))
  database.exec(schema)
  database.close()
  const env = { API: api.url, DATABASE_URL: url }
  const ran = await project.run([], env)
  const state = async () => ({
    postgres: await countPg(url),
    sqlite: count(join(project.folder, 'shop.db')),
    api: api.left().length,
    folders: folders(),
  })
  const runId = String(ran.report?.run.id)
  const folders = () => resources(ran.report).filter(({ type, key }) => type === 'folder' && existsSync(key)).length
  const cli = (...args: string[]) =>
    execa(process.execPath, [join(project.folder, 'node_modules', '.bin', 'dustpan'), ...args], {
      cwd: project.folder,
      env: { ...env, NO_COLOR: '1' },
      all: true,
      reject: false,
    })
  return {
    ...ran,
    state,
    runId,
    cli,
    before: await state(),
    cleaned: await cli('clean', runId, '--yes'),
    after: await state(),
  }
}

const countPg = async (url: string) =>
  Number((await once(url, 'SELECT (SELECT count(*) FROM users) * 10 + (SELECT count(*) FROM orders) AS n')).rows[0].n)
function count(file: string): number {
  const database = new DatabaseSync(file)
  const { n } = database
    .prepare('SELECT (SELECT count(*) FROM users) * 10 + (SELECT count(*) FROM orders) AS n')
    .get() as { n: number }
  database.close()
  return n
}

test.each([
  ['ES modules', { 'a.test.ts': esm }],
  [
    'CommonJS',
    {
      'a.test.ts': suite(
        `import { expect, test } from 'vitest'\nimport { createRequire } from 'node:module'\nconst { writeFileSync, join, DatabaseSync, Database, pg, temporaryFolder } = createRequire(import.meta.url)('./clients.cjs')`,
      ),
      'clients.cjs': commonJs,
    },
  ],
])(
  '%s: data is removed when the test passed, kept when it failed, and then removed by dustpan clean',
  async (_name, files) => {
    await using project = await createProject({ ...files, 'dustpan.config.ts': config })
    const { report, output, before, after, cleaned, exitCode } = await runIn(project)

    expect(exitCode, output).toBe(1)
    expect(outcomes(report), output).toEqual({
      passes: createdTypes.map((type) => `${type} removed`),
      fails: createdTypes.map((type) => `${type} kept`),
    })
    expect(before).toEqual({ postgres: 21, sqlite: 32, api: 1, folders: 1 })
    expect(output).toMatch(/16 tracked · 8 removed · 8 kept/)
    expect(output).toMatch(/● users 3 .*kept/)
    expect(cleaned.exitCode, cleaned.all).toBe(0)
    expect(after).toEqual({ postgres: 10, sqlite: 10, api: 0, folders: 0 })
    expect(project.report()?.totals).toMatchObject({ tracked: 16, removed: 16, kept: 0 })
  },
)

test('the database password appears neither in the ledger nor in the output', async () => {
  await using project = await createProject({ 'a.test.ts': esm, 'dustpan.config.ts': config })
  const { output, cleaned } = await runIn(project)
  const { stdout } = await execa('grep', ['-rl', 'postgres:secret', join(project.folder, '.dustpan')], {
    reject: false,
  })

  expect(stdout).toBe('')
  expect(`${output}${cleaned.all}`).not.toContain('postgres:secret')
  expect(readdirSync(join(project.folder, '.dustpan'))).toEqual(['.gitignore', 'audit', 'runs'])
  for (const { type, key } of resources(project.report()))
    if (type === 'folder') await rm(key, { recursive: true, force: true, maxRetries: 10 })
})

test('the types of the public entries pass tsc with strict and skipLibCheck: false', async () => {
  const use = `
import { defineConfig, env, http, scope, temporaryFolder, track, type Tracked } from '@dustpan/core'
import type { Driver } from '@dustpan/core/driver'
import { listRuns } from '@dustpan/core/ledger'
import { beginRun } from '@dustpan/core/runner'
import { joinRun } from '@dustpan/core/worker'
import { postgres } from '@dustpan/postgres'
import { sqlite } from '@dustpan/sqlite'
export const config = defineConfig({
  cleanup: { strategy: 'conditional', keepFor: '24h' },
  drivers: [http({ origins: ['http://localhost:3000'], auth: async () => ({ authorization: 'x' }) }), postgres({ name: 'main', url: env('DATABASE_URL') }), sqlite({ file: 'a.db' })],
})
export const one: Tracked = track({ type: 'user', id: 7, remove: 'DELETE /users/{id}', tags: ['a'], expiresIn: '2h' })
export const rest: [string, string, Driver | undefined, unknown] = [temporaryFolder(), scope().unique('user'), undefined, [listRuns, beginRun, joinRun]]
// @ts-expect-error an unknown strategy
defineConfig({ cleanup: { strategy: 'sometimes' } })
`
  const options = {
    strict: true,
    skipLibCheck: false,
    module: 'nodenext',
    target: 'es2023',
    lib: ['es2023', 'esnext.disposable'],
    types: ['node'],
    noEmit: true,
    exactOptionalPropertyTypes: true,
  }
  await using project = await createProject({
    'use.ts': use,
    'tsconfig.json': JSON.stringify({ compilerOptions: options, files: ['use.ts'] }),
  })
  const { all, exitCode } = await execa(
    process.execPath,
    [join(project.folder, 'node_modules', 'typescript', 'bin', 'tsc')],
    { cwd: project.folder, all: true, reject: false },
  )

  expect(all).toBe('')
  expect(exitCode).toBe(0)
})
