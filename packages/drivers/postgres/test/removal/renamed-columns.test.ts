/** A key column whose name another column has taken: the recorded key now finds another row. */
import { rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resources } from '@dustpan/conformance'
import { collect } from '@dustpan/conformance/application-log'
import { freshCopy } from '@dustpan/conformance/drivers'
import { beginIn, projectFolder } from '@dustpan/conformance/run'
import { once } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import type pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { application, connectTo, loggedDatabase } from '../application/database.ts'
import { keysIn } from './fixture.ts'

const library = freshCopy<typeof pg>(createRequire(import.meta.url), 'pg')

const server = await testServer()
/** The test inserts row 5; rows 1, with 5 in the other column, and 2 existed before. */
const schema = `
  CREATE TABLE t (id int PRIMARY KEY, nid int UNIQUE NOT NULL, who text);
  INSERT INTO t VALUES (1, 5, 'before'), (2, 6, 'before');
`
const mine = `INSERT INTO t VALUES (5, 9, 'test')`
const swapped = 'ALTER TABLE t RENAME id TO old_id; ALTER TABLE t RENAME nid TO id'
const key = `ALTER TABLE t DROP CONSTRAINT t_pkey; ${swapped}; ALTER TABLE t ADD PRIMARY KEY (id)`
const dropped = 'ALTER TABLE t DROP id; ALTER TABLE t RENAME nid TO id; ALTER TABLE t ADD PRIMARY KEY (id)'

async function world() {
  const url = await server.database(schema)
  const folder = projectFolder('@dustpan/postgres', {
    drivers: [{ use: '@dustpan/postgres', name: 'main', options: { url } }],
  })
  const run = await beginIn(folder, [library])
  const client = new library.Client(url)
  await client.connect()
  onTestFinished(async () => {
    await client.end()
    await run[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })
  return { url, run, client }
}

test.each([
  { how: 'swapped with another column', sql: swapped },
  { how: 'swapped with another column, as was the primary key', sql: key },
  { how: 'dropped and replaced', sql: dropped },
])('a row is refused, and no row removed, if its key column was $how', async ({ sql }) => {
  const { url, run, client } = await world()
  const report = await run.test(async () => {
    await client.query(mine)
    await client.query(sql)
  })
  expect(await keysIn(url, 't', 'who')).toEqual(['before', 'before', 'test'])
  expect(resources(report)).toMatchObject([{ type: 't', key: '5', state: 'refused', why: 'not-ours' }])
  expect(resources(report)[0]?.error?.code).toBe('DUSTPAN_NOT_OURS')
})

test('a row whose key is not found in the swapped column is refused and not reported as gone', async () => {
  const { url, run, client } = await world()
  const report = await run.test(async () => {
    await client.query(`INSERT INTO t VALUES (7, 9, 'test')`)
    await client.query(swapped)
  })
  expect(await keysIn(url, 't', 'old_id')).toEqual([1, 2, 7])
  expect(resources(report)).toMatchObject([{ key: '7', state: 'refused', why: 'not-ours' }])
})

test('rows that only the log knows are not collected after the key columns were swapped', async () => {
  const url = await loggedDatabase(server, schema)
  const app = await application(url)
  await app.as('r', 's', mine)
  await once(url, key)
  await app.as('r', 's', `INSERT INTO t (id, old_id) VALUES (8, 8)`)
  const { names, warnings } = await collect(await connectTo(url), { run: 'r', writer: 'w', scopes: ['s'] })
  expect(names).toEqual(['s t 8'])
  expect(warnings).toEqual([expect.stringMatching(/^DUSTPAN_ROWS_UNATTRIBUTED.* altered since/)])
})

test('a row is removed after other columns were renamed, dropped and added', async () => {
  const { url, run, client } = await world()
  await run.test(async () => {
    await client.query(mine)
    await client.query('ALTER TABLE t RENAME who TO whom; ALTER TABLE t DROP nid; ALTER TABLE t ADD more int')
  })
  expect(await keysIn(url, 't')).toEqual([1, 2])
})
