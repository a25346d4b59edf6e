/** The store, test and run of each resource, and what is removed because of them. */
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Api, startApi } from '@dustpan/conformance'
import { once } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import type { CleanupReport } from '@dustpan/core'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { createProject, outcomes, type Project, resources } from './project.ts'

const server = await testServer()
const ids = async (url: string, table = 'users') =>
  (await once(url, `SELECT id FROM ${table} ORDER BY id`)).rows.map(({ id }) => id)

const dustpan = (project: Project, args: readonly string[], env: Record<string, string> = {}) =>
  execa(process.execPath, [join(project.folder, 'node_modules', '.bin', 'dustpan'), ...args], {
    cwd: project.folder,
    env: { ...env, NO_COLOR: '1' },
    all: true,
    reject: false,
  })

const configured = (rest: string) => `
import { defineConfig, env, http } from '@dustpan/core'
import { postgres } from '@dustpan/postgres'
export default defineConfig(${rest})
`

describe('two databases with the same table and the same ids', () => {
  const users = 'CREATE TABLE users (id integer PRIMARY KEY);'
  const drivers = `drivers: [postgres({ name: 'main', url: env('MAIN_URL') }), postgres({ name: 'other', url: env('OTHER_URL') })]`

  /** Row 8 of `other` and row 9 of `main` are not the test's. The user of one database may not connect to the other. */
  async function twoDatabases() {
    const main = await server.database(`${users} INSERT INTO users VALUES (7), (9)`)
    const other = await server.database(`${users} INSERT INTO users VALUES (7), (8)`)
    return {
      urls: { MAIN_URL: await asItsOwnUser(main), OTHER_URL: await asItsOwnUser(other) },
      rows: async () => ({ main: await ids(main), other: await ids(other) }),
    }
  }

  async function asItsOwnUser(url: string): Promise<string> {
    const own = new URL(url)
    const name = own.pathname.slice(1)
    await once(
      url,
      `CREATE ROLE ${name} LOGIN PASSWORD 'secret'; REVOKE CONNECT ON DATABASE ${name} FROM PUBLIC;
      GRANT CONNECT ON DATABASE ${name} TO ${name}; ALTER TABLE users OWNER TO ${name};`,
    )
    own.username = name
    return own.href
  }

  const inserting = (ending: string) => `
import { expect, test } from 'vitest'
import pg from 'pg'
async function insert(url: string, id: number) {
  const client = new pg.Client(url)
  await client.connect()
  await client.query('INSERT INTO users (id) VALUES ($1)', [id])
  await client.end()
}
test('inserts', async () => {
  await insert(process.env.MAIN_URL!, 8)
  await insert(process.env.OTHER_URL!, 9)
  ${ending}
})
`
  const kill = `process.kill(process.pid, 'SIGKILL')\n  await new Promise(() => {})`
  const untouched = { main: [7, 9], other: [7, 8] }
  const stores = (report: CleanupReport | undefined) => resources(report).map(({ store, key }) => `${store} ${key}`)

  test.each([
    ['a test that passes', ''],
    ['a worker that is killed', kill],
  ])('%s: each row is removed from its own database', async (_name, ending) => {
    const { urls, rows } = await twoDatabases()
    await using project = await createProject({
      'a.test.ts': inserting(ending),
      'dustpan.config.ts': configured(`{ ${drivers} }`),
    })
    const { report, output } = await project.run(['--pool=forks'], urls)

    expect(outcomes(report), output).toEqual({ inserts: ['users removed', 'users removed'] })
    expect(stores(report)).toEqual(['main 8', 'other 9'])
    expect(await rows()).toEqual(untouched)
  })

  test.each([
    ['a test that failed', 'expect(1).toBe(2)'],
    ['a worker that was killed', kill],
  ])('%s, with the conditional strategy: each row is kept, and removed by dustpan clean', async (_name, ending) => {
    const { urls, rows } = await twoDatabases()
    await using project = await createProject({
      'a.test.ts': inserting(ending),
      'dustpan.config.ts': configured(`{ cleanup: { strategy: 'conditional' }, ${drivers} }`),
    })
    const { report, output } = await project.run(['--pool=forks'], urls)

    expect(outcomes(report), output).toEqual({ inserts: ['users kept', 'users kept'] })
    expect(await rows()).toEqual({ main: [7, 8, 9], other: [7, 8, 9] })

    const cleaned = await dustpan(project, ['clean', String(report?.run.id), '--yes'], urls)
    expect(cleaned.exitCode, cleaned.all).toBe(0)
    expect(stores(project.report())).toEqual(['main 8', 'other 9'])
    expect(await rows()).toEqual(untouched)
  })
})

describe('metadata of requests and records', () => {
  const suite = `
import { describe, test } from 'vitest'
describe('users', () => {
  test('signs up', async () => { await (await fetch(process.env.API + '/users', { method: 'POST' })).json() })
})
`
  const ofTheTest = ({ requests }: Api) => requests.find(({ method }) => method === 'POST')?.headers ?? {}

  test('a request of a test has headers that name its run, flow and test', async () => {
    await using api = await startApi()
    await using project = await createProject({ 'a.test.ts': suite })
    const { report, output } = await project.run([], { API: api.url })
    const run = String(report?.run.id)
    const scope = String(report?.scopes[0]?.id)

    expect(ofTheTest(api), output).toMatchObject({
      'x-test-run-id': run,
      'x-flow-id': 'a.test.ts > users > signs up',
      'x-test-id': `${run}.${scope}`,
      'x-test-mode': 'true',
      'x-created-by': 'dustpan',
      baggage: `test.run_id=${run},test.scope_id=${scope}`,
    })
  })

  test('with metadata.headers off a request has no such headers, and is still tracked', async () => {
    await using api = await startApi()
    await using project = await createProject({
      'a.test.ts': suite,
      'dustpan.config.ts': configured('{ metadata: { headers: false } }'),
    })
    const { report, output } = await project.run([], { API: api.url })

    expect(outcomes(report), output).toEqual({ 'users > signs up': ['user removed'] })
    const headerNames = api.requests.flatMap(({ headers }) => Object.keys(headers))
    expect(headerNames).toContain('host')
    expect(headerNames.filter((name) => name.startsWith('x-') || name === 'baggage')).toEqual([])
  })

  test('a record has run, build, flow, version, environment, agent, worker and creator', async () => {
    await using api = await startApi()
    await using project = await createProject({
      'a.test.ts': suite,
      'dustpan.config.ts': configured(`{ environment: 'staging', metadata: { createdBy: 'team shop' } }`),
    })
    const { report, output } = await project.run(['--pool=forks'], { API: api.url, DUSTPAN_BUILD_ID: 'build 12' })
    const run = String(report?.run.id)
    const { stdout } = await dustpan(project, ['list', run, '--json', '--all'])

    expect(JSON.parse(stdout).resources, output).toMatchObject([
      {
        run,
        build: 'build 12',
        runner: expect.stringContaining('vitest'),
        environment: 'staging',
        projectVersion: '1.2.3',
        agent: hostname(),
        createdBy: 'team shop',
        worker: { role: 'worker', host: hostname(), pid: expect.any(Number) },
        flow: { kind: 'test', file: 'a.test.ts', titles: ['users', 'signs up'], attempt: 0, verdict: 'passed' },
        type: 'user',
        state: 'removed',
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      },
    ])
  })
})

describe('rows that refer to rows', () => {
  const imports = `
import { existsSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import pg from 'pg'
const client = new pg.Client(process.env.DATABASE_URL)
beforeAll(() => client.connect())
afterAll(() => client.end())
const insertUser = async () => (await client.query("INSERT INTO users (name) VALUES ('mine') RETURNING id")).rows[0].id
`
  const main = `drivers: [postgres({ name: 'main', url: env('DATABASE_URL') })]`

  test('a kept order of a failed test keeps its user from beforeAll, and orders of a passed test are removed', async () => {
    const url = await server.database(`CREATE TABLE users (id serial PRIMARY KEY, name text);
      CREATE TABLE orders (id serial PRIMARY KEY, user_id integer NOT NULL REFERENCES users);`)
    const suite = `${imports}
let shared: number
let unused: number
beforeAll(async () => { shared = await insertUser(); unused = await insertUser() })
const order = (user: number) => client.query('INSERT INTO orders (user_id) VALUES ($1)', [user])
test('passes', async () => { await order(shared); await order(await insertUser()) })
test('fails', async () => { await order(shared); expect(1).toBe(2) })
`
    await using project = await createProject({
      'a.test.ts': suite,
      'dustpan.config.ts': configured(`{ cleanup: { strategy: 'conditional' }, ${main} }`),
    })
    const { report, output } = await project.run([], { DATABASE_URL: url })

    expect(outcomes(report), output).toEqual({
      file: ['users kept', 'users removed'],
      passes: ['orders removed', 'orders removed', 'users removed'],
      fails: ['orders kept'],
    })
    expect({ users: await ids(url), orders: await ids(url, 'orders') }).toEqual({ users: [1], orders: [3] })
  })

  test('a row is not removed when ON DELETE CASCADE would delete a row that the test did not create', async () => {
    const url = await server.database(`CREATE TABLE users (id serial PRIMARY KEY, name text);
      CREATE TABLE notes (id serial PRIMARY KEY, user_id integer NOT NULL REFERENCES users ON DELETE CASCADE);`)
    const suite = `${imports}
test('is noticed', { timeout: 30_000 }, async () => {
  writeFileSync('inserted', String(await insertUser()))
  await insertUser()
  while (!existsSync('noted')) await new Promise((resolve) => setTimeout(resolve, 20))
})
`
    await using project = await createProject({
      'a.test.ts': suite,
      'dustpan.config.ts': configured(`{ ${main} }`),
    })
    const running = project.start([], { DATABASE_URL: url })
    while (!existsSync(join(project.folder, 'inserted'))) await pause(20)
    await once(url, 'INSERT INTO notes (user_id) VALUES (1)')
    await writeFile(join(project.folder, 'noted'), '')
    const { all, exitCode } = await running

    expect(exitCode, all).toBe(0)
    expect(resources(project.report()), all).toMatchObject([
      { key: '1', state: 'refused', why: 'has-dependents', error: { code: 'DUSTPAN_HAS_DEPENDENTS' } },
      { key: '2', state: 'removed' },
    ])
    expect({ users: await ids(url), notes: await ids(url, 'notes') }).toEqual({ users: [1], notes: [1] })
  })
})

test.each(['jsdom', 'happy-dom'])(
  'a fetch in the environment %s is tracked, and its resource removed',
  async (name) => {
    await using api = await startApi()
    const suite = `// @vitest-environment ${name}
import { expect, test } from 'vitest'
test('is in a page', async () => {
  expect(document.defaultView).toBe(window)
  const response = await fetch(process.env.API + '/users', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })
  expect(await response.json()).toEqual({ id: 1 })
})
`
    await using project = await createProject({ 'a.test.ts': suite })
    const { report, output, exitCode } = await project.run([], { API: api.url })

    expect(exitCode, output).toBe(0)
    expect(outcomes(report), output).toEqual({ 'is in a page': ['user removed'] })
    expect(api.left()).toEqual([])
  },
)

test('rows of twenty concurrent tests on a pool of two connections belong to the test that inserted them', async () => {
  const url = await server.database('CREATE TABLE users (id serial PRIMARY KEY, name text NOT NULL)')
  const suite = `
import { afterAll, test } from 'vitest'
import pg from 'pg'
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 2 })
afterAll(() => pool.end())
for (let n = 0; n < 20; n++) {
  const insert = (client: pg.Pool | pg.PoolClient) => client.query('INSERT INTO users (name) VALUES ($1)', ['test ' + n])
  test.concurrent('test ' + n, async () => {
    await Promise.all([insert(pool), insert(pool)])
    const client = await pool.connect()
    await client.query('BEGIN')
    await insert(client)
    await client.query('COMMIT')
    client.release()
  })
}
`
  await using project = await createProject({
    'a.test.ts': suite,
    'dustpan.config.ts': configured(
      `{ cleanup: { strategy: 'manual' }, drivers: [postgres({ name: 'main', url: env('DATABASE_URL') })] }`,
    ),
  })
  const { report, output } = await project.run(['--maxConcurrency=20'], { DATABASE_URL: url })
  const { rows } = await once(
    url,
    'SELECT name, array_agg(id::text ORDER BY id::text) AS keys FROM users GROUP BY name',
  )
  const recorded = (report?.scopes ?? []).map(({ path, resources }) => [
    path?.join(' > '),
    resources.map(({ key }) => key).sort(),
  ])

  expect(rows).toHaveLength(20)
  expect(Object.fromEntries(recorded), output).toEqual(Object.fromEntries(rows.map(({ name, keys }) => [name, keys])))
})
