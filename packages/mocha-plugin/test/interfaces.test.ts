/** The interfaces of Mocha, and the module formats of test files. */
import { startApi } from '@dustpan/conformance'
import { expect, test } from 'vitest'
import { api, createProject, outcomes } from './project.ts'

const suites: Record<string, string> = {
  tdd: `suite('s', () => { suiteSetup(() => create('teams')); setup(() => create('before')); test('t', async () => { await create('users') }) })`,
  qunit: `suite('s'); before(() => create('teams')); beforeEach(() => create('before')); test('t', async () => { await create('users') })`,
  exports: `module.exports = { s: { before: () => create('teams'), beforeEach: () => create('before'), t: async () => { await create('users') } } }`,
}

test.each(Object.entries(suites))('tests and hooks are tracked with --ui %s', async (ui, suite) => {
  await using server = await startApi()
  await using project = await createProject({ 'test/a.js': api + suite, 'test/b.js': api + suite })
  const { report, output, exitCode } = await project.run(['--ui', ui], { API: server.url })

  expect(exitCode, output).toBe(0)
  expect(report?.scopes.map(({ kind, file }) => `${kind} ${file}`).sort()).toEqual([
    'file test/a.js',
    'file test/b.js',
    'test test/a.js',
    'test test/b.js',
  ])
  expect(outcomes(report)).toMatchObject({ 's > t': ['before removed', 'user removed'], file: ['team removed'] })
})

const typescript = `
const create = async (type: string): Promise<unknown> => (await fetch(process.env.API + '/' + type, { method: 'POST' })).json()
it('passes', async () => { await create('users') })`
const esm = `import { DatabaseSync } from 'node:sqlite'
import { scope } from '@dustpan/core'
const database = new DatabaseSync(':memory:')
database.exec('CREATE TABLE notes (id INTEGER PRIMARY KEY)')
it('passes', async () => { await fetch(process.env.API + '/users', { method: 'POST' }); database.exec('INSERT INTO notes DEFAULT VALUES'); if (scope().created().length !== 2) throw new Error('no') })`
const config = `import { defineConfig, http } from '@dustpan/core'
import { sqlite } from '@dustpan/sqlite'
export default defineConfig({ drivers: [http(), sqlite({ name: 'memory', file: ':memory:' })] })`
const tsx = {
  '.mocharc.json': '{ "require": ["@dustpan/mocha-plugin"], "node-option": ["import=tsx"], "spec": "test/*" }',
}
const bare = { '.mocharc.json': '{ "spec": "test/*" }' }
const user = ['user removed']

const projects: [string, Record<string, string>, string[], string[]][] = [
  [
    'an ES module',
    { 'package.json': '{ "type": "module" }', 'test/a.js': esm, 'dustpan.config.mjs': config },
    [],
    ['notes removed', ...user],
  ],
  ['TypeScript by type stripping', { 'test/a.ts': typescript }, [], user],
  ['TypeScript by tsx', { 'test/a.ts': `enum E { A }\n${typescript}`, ...tsx }, [], user],
  ['TypeScript by tsx, in parallel', { 'test/a.ts': `enum E { A }\n${typescript}`, ...tsx }, ['--parallel'], user],
  [
    'a project with --require on the command line',
    { 'test/a.ts': typescript, ...bare },
    ['--require', '@dustpan/mocha-plugin'],
    user,
  ],
]

test.each([
  ...projects.map((project) => ['12.0.3', ...project] as const),
  ...projects.slice(0, 2).map((project) => ['11.8.0', ...project] as const),
])('Mocha %s tracks tests in %s', async (version, _name, files, args, expected) => {
  await using server = await startApi()
  await using project = await createProject(files, version)
  const { report, output, exitCode } = await project.run(args, { API: server.url })

  expect(exitCode, output).toBe(0)
  expect(outcomes(report), output).toEqual({ passes: expected })
})
