import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { once } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import { track } from '@dustpan/core'
import { expect, test } from 'vitest'
import { dustpan } from '../dustpan.ts'
import { openProject, type Project } from '../project.ts'

const server = await testServer()
async function shop(config: object = {}): Promise<Project & { url: string }> {
  const url = await server.database(
    'CREATE TABLE users (id serial PRIMARY KEY); CREATE TABLE orders (id serial PRIMARY KEY); CREATE TABLE notes (body text)',
  )
  const drivers = [{ use: '@dustpan/postgres', name: 'main', options: { url, application: true } }]
  const project = openProject({ drivers, ...config })
  mkdirSync(join(project.folder, 'node_modules', '@dustpan'), { recursive: true })
  const driver = join(import.meta.dirname, '../../../drivers/postgres')
  symlinkSync(driver, join(project.folder, 'node_modules', '@dustpan', 'postgres'))
  return Object.assign(project, { url })
}

const isInstalled = async (url: string) =>
  (await once(url, `SELECT to_regclass('dustpan.log') IS NOT NULL AS is`)).rows[0].is

test('install shows each table and why one is left out, asks, applies the changes, and is idempotent', async () => {
  using project = await shop()
  const first = await dustpan(project.folder, ['db', 'install'], { answer: 'y' })
  expect(first).toMatchObject({ code: 0, err: '', questions: ['Apply these changes? [y/N] '] })
  expect(first.out).toMatch(
    /^ {2}the log itself +created\n {2}orders +logged from now on\n {2}users +logged from now on$/m,
  )
  expect(first.out).toContain('`dustpan db install --dry-run` shows the SQL.')
  expect(first.out).not.toMatch(/CREATE|FUNCTION/)
  expect(first.out).toContain(
    'notes: it has no primary key by which a row could be found again (DUSTPAN_NO_PRIMARY_KEY)',
  )
  expect(first.out).toMatch(/Done\.\n$/)
  expect(first.out).not.toContain('secret')
  expect(await isInstalled(project.url)).toBe(true)
  const second = await dustpan(project.folder, ['db', 'install'])
  expect(second).toMatchObject({ code: 0, out: expect.stringContaining('Nothing to do.') })
})

test.each([
  ['the answer no', { answer: 'n' }, ['db', 'install'], 1],
  ['no terminal and no --yes', {}, ['db', 'install'], 1],
  ['a dry run', {}, ['db', 'install', '--dry-run'], 0],
  ['JSON without --yes', { answer: 'y' }, ['db', 'install', '--json'], 1],
] as const)('install changes nothing: %s', async (_, setting, args, code) => {
  using project = await shop()
  expect(await dustpan(project.folder, args, setting)).toMatchObject({ code })
  expect(await isInstalled(project.url)).toBe(false)
})

test('install --dry-run shows the tables and the SQL', async () => {
  using project = await shop()
  const { out } = await dustpan(project.folder, ['db', 'install', '--dry-run'])
  expect(out).toMatch(/^ {2}users +logged from now on$/m)
  expect(out).toContain('CREATE SCHEMA dustpan;')
  expect(out).toContain('ON "public"."users"')
})

test('install and uninstall list only tables whose trigger changes, with the reason', async () => {
  using project = await shop()
  await dustpan(project.folder, ['db', 'install', '--yes'])
  await once(project.url, 'ALTER TABLE users DROP CONSTRAINT users_pkey, ADD COLUMN code int PRIMARY KEY')
  const { out } = await dustpan(project.folder, ['db', 'install', '--yes'])
  expect(out).toMatch(/^ {2}users +brought up to date: its primary key has changed$/m)
  expect(out).not.toMatch(/^ {2}(?:orders|the log itself)/m)
  const removed = await dustpan(project.folder, ['db', 'uninstall', '--yes', '--table', 'users'])
  expect(removed.out).toMatch(/^ {2}users +not logged any more$/m)
  expect(removed.out).not.toContain('the log itself')
  const rest = await dustpan(project.folder, ['db', 'uninstall', '--yes'])
  expect(rest.out).toMatch(/^ {2}the log itself +removed\n {2}orders +not logged any more$/m)
})

test('status exits with 1 until installed, then lists the tables and the lines not collected yet', async () => {
  using project = await shop()
  const missing = await dustpan(project.folder, ['db', 'status'])
  expect(missing).toMatchObject({ code: 1, out: expect.stringContaining('not installed: run `dustpan db install`') })
  await dustpan(project.folder, ['db', 'install', '--yes'])
  await once(project.url, `INSERT INTO users DEFAULT VALUES; SET dustpan.run = 'r'; INSERT INTO users DEFAULT VALUES`)
  const { code, out } = await dustpan(project.folder, ['db', 'status'])
  expect(code).toBe(0)
  expect(out).toMatch(/users +logged/)
  expect(out).toMatch(/notes +left out +it has no primary key/)
  expect(out).toContain('1 line of run r not collected yet')
  expect(out).toContain('1 line without a run not collected yet')
  const json = JSON.parse((await dustpan(project.folder, ['db', 'status', '--json', '--table', 'users'])).out)
  expect(json.stores[0]).toMatchObject({
    driver: 'main',
    state: 'installed',
    tables: [{ table: 'users', state: 'logged' }],
  })
})

test('uninstall removes the log, and with --table only the trigger of that table', async () => {
  using project = await shop()
  await dustpan(project.folder, ['db', 'install', '--yes', '--store', 'main'])
  const one = JSON.parse(
    (await dustpan(project.folder, ['db', 'uninstall', '--yes', '--json', '--table', 'users'])).out,
  )
  expect(one).toMatchObject({
    act: 'uninstall',
    stores: [{ done: true, statements: [expect.stringMatching(/^DROP TRIGGER .* ON "public"."users"$/)] }],
  })
  expect(await isInstalled(project.url)).toBe(true)
  expect((await dustpan(project.folder, ['db', 'uninstall', '--yes'])).code).toBe(0)
  expect(await isInstalled(project.url)).toBe(false)
  expect((await dustpan(project.folder, ['db', 'uninstall', '--yes'])).out).toContain('Nothing to do.')
})

test('an unknown action, store or table, and a configuration without a log, are usage errors', async () => {
  using project = await shop()
  expect(await dustpan(project.folder, ['db', 'remove'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('install, uninstall, status'),
  })
  expect(await dustpan(project.folder, ['db', 'status', '--store', 'other'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('These can: main.'),
  })
  expect(await dustpan(project.folder, ['db', 'install', '--table', 'nobody'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('"nobody"'),
  })
  using empty = openProject()
  expect(await dustpan(empty.folder, ['db', 'install'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('DUSTPAN_UNKNOWN_DRIVER'),
  })
})

test('install in production exits with 3 and changes nothing', async () => {
  using project = await shop({ environment: 'production' })
  expect((await dustpan(project.folder, ['db', 'install', '--yes'])).code).toBe(3)
  expect(await isInstalled(project.url)).toBe(false)
})

test('clean removes rows that were logged for a run after it had ended', async () => {
  using project = await shop()
  await dustpan(project.folder, ['db', 'install', '--yes'])
  const run = await project.run({
    fails: { verdict: 'failed', create: () => track({ type: 'file', id: project.file('a.txt') }) },
  })
  const insert = `SET dustpan.run = '${run}'; INSERT INTO users DEFAULT VALUES`
  await once(project.url, `INSERT INTO users DEFAULT VALUES; ${insert}`)
  const plan = await dustpan(project.folder, ['clean', '--dry-run'])
  expect(plan.out).toContain('DELETE FROM users WHERE id = 2')
  expect((await dustpan(project.folder, ['clean', '--yes'])).code).toBe(0)
  expect((await once(project.url, 'SELECT id FROM users')).rows).toEqual([{ id: 1 }])
})

test('a run known only to the log is cleaned by its id, unless it may still be in progress', async () => {
  using project = await shop()
  const run = '20261121-051207-k3f9x2'
  await dustpan(project.folder, ['db', 'install', '--yes'])
  await once(project.url, `SET dustpan.run = '${run}'; SET dustpan.scope = 's'; INSERT INTO users DEFAULT VALUES`)
  await once(project.url, `INSERT INTO dustpan.writer VALUES ('${run}', 'w', now(), now())`)
  const going = await dustpan(project.folder, ['clean', run, '--yes'])
  expect(going).toMatchObject({ code: 2, err: expect.stringContaining('may still be in progress elsewhere') })
  await once(project.url, `UPDATE dustpan.writer SET seen = now() - interval '11 minutes'`)
  const other = await dustpan(project.folder, ['clean', '20261121-051207-aaaaaa', '--yes'])
  expect(other).toMatchObject({ code: 2, err: expect.stringContaining('DUSTPAN_UNKNOWN_RUN') })
  expect(await dustpan(project.folder, ['clean', run, '--yes'])).toMatchObject({ code: 0, err: '' })
  expect((await once(project.url, 'SELECT FROM users')).rows).toHaveLength(0)
})

test('uninstall names the runs whose logged rows would be lost', async () => {
  using project = await shop()
  await dustpan(project.folder, ['db', 'install', '--yes'])
  await once(project.url, `SET dustpan.run = 'r-1'; INSERT INTO users DEFAULT VALUES`)
  expect((await dustpan(project.folder, ['db', 'uninstall', '--dry-run'])).out).toContain('`dustpan clean r-1` first')
  expect((await dustpan(project.folder, ['db', 'uninstall', '--table', 'users', '--dry-run'])).out).not.toContain('r-1')
})
