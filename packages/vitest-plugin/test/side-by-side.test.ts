/** Concurrent runs with one and with two ledgers on one database, while other processes clean up. */
import { join } from 'node:path'
import { once } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { createProject, type Project } from './project.ts'

const server = await testServer()
const config = (more = '') => `
import { defineConfig, env } from '@dustpan/core'
import { postgres } from '@dustpan/postgres'
export default defineConfig({
  environment: 'test',
  drivers: [postgres({ name: 'main', url: env('DATABASE_URL'), kinds: { items: { tag: 'tag', owner: 'owner' } }, owners: { table: 'owners' } })],
  ${more}
})
`

/** Inserts rows in `beforeAll` and in the test, signals that, and waits for the sign to end. */
const suite = `
import { beforeAll, expect, test } from 'vitest'
import pg from 'pg'
const sql = async (text: string) => {
  const client = new pg.Client(process.env.DATABASE_URL)
  await client.connect()
  const { rows } = await client.query(text)
  await client.end()
  return rows
}
const name = process.env.NAME!
const create = (what: string) => sql(\`INSERT INTO items (name, tag, owner) VALUES ('\${name} \${what}', 'test-data', 1)\`)
beforeAll(() => create('file'))
test('creates, and waits', async () => {
  await create('test')
  await sql(\`INSERT INTO signs VALUES ('\${name}')\`)
  while ((await sql("SELECT FROM signs WHERE sign = 'go'")).length === 0) await new Promise((resolve) => setTimeout(resolve, 100))
  expect(await sql(\`SELECT FROM items WHERE name LIKE '\${name} %'\`)).toHaveLength(2)
}, 600_000)
`

const project = (more?: string) => createProject({ 'a.test.ts': suite, 'dustpan.config.ts': config(more) })

const dustpan = ({ folder }: Project, args: readonly string[], url: string) =>
  execa(process.execPath, [join(folder, 'node_modules', '.bin', 'dustpan'), ...args], {
    ...{ cwd: folder, all: true, reject: false },
    env: { NO_COLOR: '1', DATABASE_URL: url, DUSTPAN_REAPER: '0' },
  })

test('rows of a run in progress are not removed by orphans or bulk, from its own or another ledger', async () => {
  const url = await server.database(`
    CREATE TABLE owners (id int PRIMARY KEY); INSERT INTO owners VALUES (1);
    CREATE TABLE items (id serial PRIMARY KEY, name text, tag text, owner int REFERENCES owners); CREATE TABLE signs (sign text)`)
  await using here = await project()
  await using there = await project()
  await using third = await project()
  await once(url, (await dustpan(here, ['db', 'migration', '--table', 'items'], url)).stdout)
  await once(
    url,
    `INSERT INTO items (name, tag, owner, test_run_id, created_by_test, test_created_at) VALUES
      ('of a run long ago', 'test-data', 1, '20261101-000000-aaaaaa', true, now() - interval '2 hours'),
      ('of nobody knows whom', 'test-data', 1, '20261101-000000-bbbbbb', true, now())`,
  )
  const names = async () => (await once(url, 'SELECT name FROM items ORDER BY name')).rows.map(({ name }) => name)
  const runs = [
    ...['a', 'b'].map((name) => here.start([], { DATABASE_URL: url, NAME: name })),
    there.start([], { DATABASE_URL: url, NAME: 'c' }),
  ]
  const live = ['a file', 'a test', 'b file', 'b test', 'c file', 'c test']
  await expect.poll(names, { timeout: 170_000 }).toEqual([...live, 'of a run long ago', 'of nobody knows whom'])

  for (const person of [here, there, third]) {
    const { exitCode, all } = await dustpan(person, ['orphans', '--execute'], url)
    expect([exitCode, all]).toEqual([0, expect.stringContaining('No orphans')])
    for (const what of [['--tag'], ['--owner', '1'], ['--type', 'items', '--where', 'owner=1']])
      expect(await dustpan(person, ['bulk', ...what, '--yes'], url)).toMatchObject({ exitCode: 0 })
  }
  expect(await names()).toEqual([...live, 'of nobody knows whom'])

  await once(url, "INSERT INTO signs VALUES ('go')")
  for (const { exitCode, all } of await Promise.all(runs)) expect(exitCode, all).toBe(0)
  expect(await names()).toEqual(['of nobody knows whom'])
}, 600_000)
