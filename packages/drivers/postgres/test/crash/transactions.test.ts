/** What recovery knows of transactions that were open when their process was killed. */
import { clean } from '@dustpan/conformance/run'
import { once } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import pg from 'pg'
import { beforeEach, expect, test } from 'vitest'
import { committed, open, prepared, together } from './acts.ts'
import { doomed } from './killed.ts'

const server = await testServer({ own: true, flags: ['-c', 'max_prepared_transactions=5'] })
let url: string
beforeEach(async () => {
  url = await server.database('CREATE TABLE t (id int PRIMARY KEY, name text)')
})

const rows = async () => (await once(url, 'SELECT * FROM t ORDER BY id')).rows

test.each(Object.keys(open))(
  'a row of another process stays if a killed process inserted its key in an open transaction (%s)',
  async (name) => {
    const run = await doomed(url, { acts: [name] })
    const other = new pg.Client(url)
    other.on('error', () => {})
    await other.connect()
    const inserted = other.query(`INSERT INTO t VALUES (0, 'theirs')`)
    await run.kill()
    await inserted
    await other.end()
    await clean(run.folder, run.id)
    expect(await rows()).toEqual([{ id: 0, name: 'theirs' }])
  },
)

test('a committed row is removed if the process was killed before it read the answer to COMMIT', async () => {
  const acts = Object.keys(committed)
  const run = await doomed(url, { acts })
  expect((await rows()).map(({ id }) => id)).toEqual([...acts.keys()])
  await run.kill()
  await clean(run.folder, run.id)
  expect((await rows()).map(({ id }) => acts[id])).toEqual([])
})

test.each(Object.keys(together))(
  'a committed row is removed if COMMIT was sent together with its INSERT (%s)',
  async (name) => {
    await once(url, `INSERT INTO t VALUES (77, 'was there')`)
    const run = await doomed(url, { acts: [name], diesOf: 'created' })
    await run.kill()
    await expect.poll(async () => (await rows()).map(({ id }) => id)).toContain(0)
    await clean(run.folder, run.id)
    expect((await rows()).map(({ id }) => id)).not.toContain(0)
  },
)

test.each(Object.keys(prepared))(
  'a row of a prepared transaction that is committed after the kill is removed (%s)',
  async (name) => {
    const run = await doomed(url, { acts: [name] })
    await run.kill()
    await once(url, `COMMIT PREPARED 'p'`)
    expect(await rows()).toEqual([{ id: 0, name: 'killed' }])
    await clean(run.folder, run.id)
    expect(await rows()).toEqual([])
  },
)
