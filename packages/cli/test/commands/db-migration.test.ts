import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { once } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import { expect, test } from 'vitest'
import { dustpan } from '../dustpan.ts'
import { openProject, type Project } from '../project.ts'

const server = await testServer()
async function shop(config: object = {}): Promise<Project & { url: string }> {
  const url = await server.database(
    'CREATE TABLE users (id serial PRIMARY KEY); CREATE TABLE orders (id serial PRIMARY KEY)',
  )
  const project = openProject({ drivers: [{ use: '@dustpan/postgres', name: 'main', options: { url } }], ...config })
  mkdirSync(join(project.folder, 'node_modules', '@dustpan'), { recursive: true })
  const driver = join(import.meta.dirname, '../../../drivers/postgres')
  symlinkSync(driver, join(project.folder, 'node_modules', '@dustpan', 'postgres'))
  return Object.assign(project, { url })
}

test('the printed SQL runs as it is and completes every table, and a dropped index is reported', async () => {
  using project = await shop()
  const first = await dustpan(project.folder, ['db', 'migration'])
  expect(first).toMatchObject({ code: 0, err: '', questions: [] })
  expect(first.out).not.toContain('secret')
  await once(project.url, first.out)
  const tables = await dustpan(project.folder, ['db', 'migration'])
  expect(tables.out).toMatch(/^-- main postgres:\/\/localhost:\d+\/\w+\n-- orders: complete\n-- users: complete\n$/)
  await once(project.url, 'DROP INDEX users_test_run_id')
  const { out } = await dustpan(project.folder, ['db', 'migration', '--table', 'users'])
  expect(out).toContain(
    '-- users: lacks the index\nCREATE INDEX IF NOT EXISTS "users_test_run_id" ON "users" ("test_run_id")',
  )
  expect(out).not.toContain('orders')
})

test('--json lists what each table lacks, with the configured column names', async () => {
  using project = await shop({ metadata: { columns: { run: 'run_of_test' } } })
  const { out } = await dustpan(project.folder, ['db', 'migration', '--json', '--table', 'users'])
  const [store] = JSON.parse(out).stores
  expect(store).toMatchObject({ driver: 'main', tables: [{ table: 'users', lacks: ['columns', 'default', 'index'] }] })
  expect(store.tables[0].sql[0]).toContain('"run_of_test" varchar(50)')
  expect(store.tables[0].sql[0]).toContain('"created_by_test" boolean')
})

test('migration fails with column marking off, for an unsuitable driver and for an empty column name', async () => {
  using project = await shop({ metadata: { columns: false } })
  expect(await dustpan(project.folder, ['db', 'migration'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('metadata.columns is false'),
  })
  expect(await dustpan(project.folder, ['db', 'migration', '--store', 'other'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('"other" is not a driver whose tables can have columns'),
  })
  project.configure({ metadata: { columns: { run: '' } } })
  expect(await dustpan(project.folder, ['db', 'migration'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('metadata.columns'),
  })
})
