/** Clients and configurations in the module systems of Jest. */

import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { startApi } from '@dustpan/conformance'
import { once } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import { beforeAll, describe, expect, test } from 'vitest'
import { create, createProject, install, outcomes, type Project, resources, versions, withDustpan } from './project.ts'

const sqliteConfig = `export default { drivers: [{ use: '@dustpan/sqlite', name: 'shop', options: { file: 'shop.db' } }] }`

function rows(project: Project): unknown[] {
  using database = new DatabaseSync(join(project.folder, 'shop.db'))
  return database.prepare('SELECT name FROM users').all()
}

function makeTable(project: Project): void {
  using database = new DatabaseSync(join(project.folder, 'shop.db'))
  database.exec('CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)')
}

const server = await testServer()
beforeAll(async () => {
  await install()
})

describe.each(versions)('Jest %s', (version) => {
  test('clients are tracked after resetModules, in isolateModules and beside mocks', async () => {
    const suite = `
const insert = (Client) => { const db = new Client('shop.db'); db.prepare("INSERT INTO users (name) VALUES ('mine')").run(); db.close() }
test('better-sqlite3', () => { insert(require('better-sqlite3')) })
test('after resetModules', () => { jest.resetModules(); insert(require('better-sqlite3')) })
test('in isolateModules', () => { jest.isolateModules(() => insert(require('better-sqlite3'))) })
test('actual, beside a mock', () => {
  jest.doMock('better-sqlite3')
  expect(jest.isMockFunction(require('better-sqlite3'))).toBe(true)
  insert(jest.requireActual('better-sqlite3'))
})
test('node:sqlite', () => { insert(require('node:sqlite').DatabaseSync) })
`
    await using project = await createProject(
      { 'a.test.js': suite, 'b.test.js': suite, 'dustpan.config.mjs': sqliteConfig },
      version,
    )
    makeTable(project)
    const { report, output, exitCode } = await project.run(['--runInBand'])

    expect(exitCode, output).toBe(0)
    expect(
      resources(report).map(({ state }) => state),
      output,
    ).toEqual(Array(10).fill('removed'))
    expect(outcomes(report)).toEqual({
      'better-sqlite3': ['users removed'],
      'after resetModules': ['users removed'],
      'in isolateModules': ['users removed'],
      'actual, beside a mock': ['users removed'],
      'node:sqlite': ['users removed'],
    })
    expect(rows(project)).toEqual([])
  })

  test('rows that a timed-out test inserts after its file has ended are removed at the end of the run', async () => {
    const late = `
const { writeFileSync } = require('node:fs')
const Database = require('better-sqlite3')
const { setTimeout: sleep } = require('node:timers/promises')
test('times out', async () => {
  const db = new Database('shop.db', { timeout: 5000 })
  for (let i = 0; i < 40; i++) { db.prepare("INSERT INTO users (name) VALUES ('late')").run(); await sleep(50) }
  db.close()
  writeFileSync('done.txt', '')
}, 300)
`
    const another = `
const { existsSync } = require('node:fs')
const { setTimeout: sleep } = require('node:timers/promises')
test('another file', async () => { while (!existsSync('done.txt')) await sleep(50) }, 60_000)
`
    await using project = await createProject(
      { 'a.test.js': late, 'b.test.js': another, 'dustpan.config.mjs': sqliteConfig },
      version,
    )
    makeTable(project)
    const { report, output } = await project.run(['--runInBand'])

    expect(report?.totals, output).toMatchObject({ tracked: 40, removed: 40 })
    expect(rows(project), output).toEqual([])
  })

  test('ES modules: imported clients and imports from Dustpan are tracked', async () => {
    await using api = await startApi()
    const suite = `
import { DatabaseSync } from 'node:sqlite'
import { scope, temporaryFolder } from '@dustpan/core'
import { jest } from '@jest/globals'
import Database from 'better-sqlite3'
${create}
const insert = (Client) => { const db = new Client('shop.db'); db.prepare("INSERT INTO users (name) VALUES ('mine')").run(); db.close() }
test('imported clients', () => { insert(Database); insert(DatabaseSync) })
test('imported temporaryFolder()', () => {
  const folder = temporaryFolder()
  expect(scope().created()).toMatchObject([{ key: folder }])
})
test('fake timers', async () => { jest.useFakeTimers(); await create('orders') })
`
    await using project = await createProject(
      {
        'package.json': '{ "type": "module" }',
        'jest.config.js': `import { withDustpan } from '@dustpan/jest-environment/config'\nexport default withDustpan({ transform: {} })`,
        'a.test.js': suite,
        'dustpan.config.mjs': sqliteConfig,
      },
      version,
    )
    makeTable(project)
    const { report, output, exitCode } = await project.run([], {
      API: api.url,
      NODE_OPTIONS: '--experimental-vm-modules --no-warnings',
    })

    expect(exitCode, output).toBe(0)
    expect(outcomes(report), output).toEqual({
      'imported clients': ['users removed', 'users removed'],
      'imported temporaryFolder()': ['folder removed'],
      'fake timers': ['order removed'],
    })
    expect(rows(project)).toEqual([])
  })

  test('pg is tracked when required in several vm contexts, imported, or loaded by a subpath', async () => {
    const url = await server.database('CREATE TABLE users (id serial PRIMARY KEY, name text)')
    const insert = `async () => {
      const client = new pg.Client(process.env.DATABASE_URL)
      await client.connect()
      await client.query("INSERT INTO users (name) VALUES ('mine')")
      await client.end()
    }`
    const required = (title: string) => `const pg = require('pg')\ntest('${title}', ${insert})`
    await using project = await createProject(
      {
        'jest.config.js': withDustpan(`{ testRegex: 'test[.]m?js$', transform: {} }`),
        'a.test.js': required('required'),
        'b.test.js': required('required again'),
        'c.test.mjs': `import pg from 'pg'\ntest('imported', ${insert})`,
        'd.test.js': `const pg = { Client: require('pg/lib/client') }\ntest('by a part of the package', ${insert})`,
        'dustpan.config.mjs': `export default { drivers: [{ use: '@dustpan/postgres', name: 'main', options: { url: '${url}' } }] }`,
      },
      version,
    )
    const { report, output, exitCode } = await project.run(['--runInBand'], {
      DATABASE_URL: url,
      NODE_OPTIONS: '--experimental-vm-modules --no-warnings',
    })

    expect(exitCode, output).toBe(0)
    expect(outcomes(report), output).toEqual({
      required: ['users removed'],
      'required again': ['users removed'],
      imported: ['users removed'],
      'by a part of the package': ['users removed'],
    })
    expect((await once(url, 'SELECT * FROM users')).rows).toEqual([])
  })

  test('projects with ts-jest, babel-jest and their own configuration are one run with original source lines', async () => {
    await using api = await startApi()
    const typed = (type: string) => `import { scope } from '@dustpan/core'

interface Made { id: number }

async function create(type: string): Promise<Made> {
  const response = await fetch(process.env.API + '/' + type, { method: 'POST' })
  return (await response.json()) as Made
}

test('in ${type}', async () => {
  const made: Made = await create('${type}')
  expect(scope().created().map(({ key }) => key)).toEqual([made.id])
})
`
    await using project = await createProject(
      {
        'jest.config.js': withDustpan(`async () => ({ projects: [
          { displayName: 'ts', rootDir: '<rootDir>/ts', preset: 'ts-jest', transform: { '^.+[.]ts$': ['ts-jest', { diagnostics: false }] } },
          { displayName: 'babel', rootDir: '<rootDir>/babel' },
          '<rootDir>/own',
        ] })`),
        'ts/tsconfig.json': '{ "compilerOptions": { "module": "commonjs", "esModuleInterop": true } }',
        'ts/a.test.ts': typed('users'),
        'babel/babel.config.js': `module.exports = { presets: [['@babel/preset-env', { targets: { node: 'current' } }], '@babel/preset-typescript'] }`,
        'babel/a.test.ts': typed('orders'),
        'own/package.json': '{ "name": "own" }',
        'own/jest.config.js': `module.exports = { testRunner: '@dustpan/jest-environment/runner' }`,
        'own/a.test.js': `${create}test('in own', async () => { await create('carts') })`,
      },
      version,
    )
    const { report, output, exitCode } = await project.run([], { API: api.url })

    expect(exitCode, output).toBe(0)
    expect(outcomes(report), output).toEqual({
      'in users': ['user removed'],
      'in orders': ['order removed'],
      'in own': ['cart removed'],
    })
    const places = report?.scopes.map(({ project, file, resources }) => [project, file, resources[0]?.source])
    expect(places?.sort()).toEqual([
      [undefined, 'a.test.js', 'own/a.test.js:1'],
      ['babel', 'a.test.ts', 'babel/a.test.ts:6'],
      ['ts', 'a.test.ts', 'ts/a.test.ts:6'],
    ])
  })
})
