import { existsSync } from 'node:fs'
import { resources } from '@dustpan/conformance'
import { clean, takeUp } from '@dustpan/conformance/run'
import { once } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import { expect, test } from 'vitest'
import { application, logged, loggedDatabase } from './database.ts'
import { startRun } from './run.ts'

const server = await testServer()
const shop = `
CREATE TABLE users (id serial PRIMARY KEY, email text);
CREATE TABLE orders (id serial PRIMARY KEY, user_id int NOT NULL REFERENCES users);
CREATE INDEX ON orders (user_id);
INSERT INTO users (email) VALUES ('seed'); INSERT INTO orders (user_id) VALUES (1)`
const click = `WITH u AS (INSERT INTO users (email) VALUES ('a') RETURNING id) SELECT id FROM u`
const order = (user: number) => `INSERT INTO orders (user_id) VALUES (${user})`
const counts = async (url: string) =>
  (await once(url, 'SELECT (SELECT count(*)::int FROM users) AS users, (SELECT count(*)::int FROM orders) AS orders'))
    .rows[0]
const once_ = { willRetry: false } as const

test('two workers click at once, one test fails: its rows are kept, the other’s are gone', async () => {
  const url = await loggedDatabase(server, shop)
  const run = await startRun(url)
  const workers = [await run.worker(), await run.worker()]
  const tests = workers.map((worker, i) => worker.openTest(`t${i}`))
  const apps = [await application(url), await application(url)]
  await Promise.all(
    apps.map(async (app, i) => {
      for (let clicks = 0; clicks < 3; clicks++) {
        const { rows } = (await app.as(run.id, tests[i]?.id ?? '', click)) as { rows: { id: number }[] }
        await app.as(run.id, tests[i]?.id ?? '', order(rows[0]?.id ?? 0))
      }
    }),
  )
  const [failed, passed] = await Promise.all(tests.map((scope, i) => scope.close(i === 0 ? 'failed' : 'passed', once_)))
  expect(passed?.totals).toMatchObject({ tracked: 6, removed: 6 })
  expect(failed?.totals).toMatchObject({ tracked: 6, kept: 6 })
  expect(resources(failed)[0]).toMatchObject({ origin: 'collected', attributed: 'test' })
  expect(await counts(url)).toEqual({ users: 4, orders: 4 })
  const report = await run.main.end('failed')
  expect(report?.totals).toMatchObject({ tracked: 12, removed: 6, kept: 6 })
  expect(report?.warnings).toEqual([])
  expect(await logged(url)).toEqual([])
})

test('alone, a test gets what came without a name; what came before it is its file’s, and goes with that', async () => {
  const url = await loggedDatabase(server, shop)
  const run = await startRun(url)
  const worker = await run.worker()
  const app = await application(url)
  await app.client.query(click)
  const scope = await opened(worker, 't')
  await app.client.query(click)
  expect((await scope.close('passed', once_))?.totals).toMatchObject({ tracked: 1, removed: 1 })
  expect(await counts(url)).toMatchObject({ users: 2 })
  const report = await worker.file.close('passed', once_)
  expect(report?.totals).toMatchObject({ tracked: 1, removed: 1 })
  expect(resources(report)[0]).toMatchObject({ attributed: 'file' })
  expect(await counts(url)).toMatchObject({ users: 1 })
})

test('of tests that run at once in a file, rows without a name are the file’s', async () => {
  const url = await loggedDatabase(server, shop)
  const run = await startRun(url)
  const worker = await run.worker()
  const app = await application(url)
  const scopes = [await opened(worker, 'a'), await opened(worker, 'b')]
  await app.client.query(click)
  for (const scope of scopes) expect(await scope.close('passed', once_)).toBeUndefined()
  expect(resources(await worker.file.close('passed', once_))[0]).toMatchObject({
    attributed: 'file',
    state: 'removed',
  })
})

test.each([
  ['the file’s', 1],
  ['the run’s', 2],
])('%s rows without a name are kept with a failed test that may have made them', async (_whose, count) => {
  const url = await loggedDatabase(server, shop)
  const run = await startRun(url)
  const workers = [await run.worker(), await run.worker()].slice(0, count)
  const app = await application(url)
  const scopes = [await opened(workers[0], 'fails'), await opened(workers.at(-1), 'passes')]
  await app.client.query(click)
  await scopes[0]?.close('failed', once_)
  await scopes[1]?.close('passed', once_)
  for (const { file } of workers) await file.close(file === workers[0]?.file ? 'failed' : 'passed', once_)
  const report = await run.main.end('failed')
  expect(resources(report)).toMatchObject([{ state: 'kept', why: expect.stringContaining('may have created it') }])
  expect(await counts(url)).toMatchObject({ users: 2 })
})

test('of workers that run at once, rows without a name are the run’s', async () => {
  const url = await loggedDatabase(server, shop)
  const run = await startRun(url)
  const workers = [await run.worker(), await run.worker()]
  const scopes = [await opened(workers[0], 'a'), await opened(workers[1], 'b')]
  await (await application(url)).client.query(click)
  for (const scope of scopes) expect(await scope.close('passed', once_)).toBeUndefined()
  for (const { file, session } of workers) {
    expect(await file.close('passed', once_)).toBeUndefined()
    await session[Symbol.asyncDispose]()
  }
  expect(resources(await run.main.end('passed'))[0]).toMatchObject({ attributed: 'run', state: 'removed' })
  expect(await counts(url)).toMatchObject({ users: 1 })
})

test.each(['passed', 'failed'] as const)(
  'a row that comes after its test %s goes, or stays, as that says: at the end of the file',
  async (verdict) => {
    const url = await loggedDatabase(server, shop)
    const run = await startRun(url)
    const worker = await run.worker()
    const scope = await opened(worker, 't')
    await scope.close(verdict, once_)
    await (await application(url)).as(run.id, scope.id, click)
    await worker.file.close('passed', once_)
    expect(await counts(url)).toMatchObject({ users: verdict === 'passed' ? 1 : 2 })
    const report = await run.main.end(verdict)
    expect(resources(report).map(({ state, attributed }) => [state, attributed])).toEqual([
      [verdict === 'passed' ? 'removed' : 'kept', 'test'],
    ])
  },
)

test('a row that comes after the last file is found at the end of the run; of a test of which nothing else is known it is kept', async () => {
  const url = await loggedDatabase(server, shop)
  const run = await startRun(url)
  const worker = await run.worker()
  const app = await application(url)
  const known = await opened(worker, 'known')
  await app.as(run.id, known.id, click)
  await known.close('passed', once_)
  const unknown = await opened(worker, 'unknown')
  await unknown.close('passed', once_)
  await worker.file.close('passed', once_)
  await app.as(run.id, known.id, click)
  await app.as(run.id, unknown.id, click)
  await worker.session[Symbol.asyncDispose]()
  const report = await run.main.end('passed')
  expect(report?.totals).toMatchObject({ tracked: 3, removed: 2, kept: 1 })
  expect(await counts(url)).toMatchObject({ users: 2 })
})

test('a worker that died without a word: the main process collects what its test wrote', async () => {
  const url = await loggedDatabase(server, shop)
  const run = await startRun(url, { cleanup: { strategy: 'immediate' } })
  const worker = await run.worker()
  const scope = await opened(worker, 't')
  await (await application(url)).as(run.id, scope.id, click)
  expect((await run.main.end('failed'))?.totals).toMatchObject({ tracked: 1, removed: 1 })
  expect(await counts(url)).toMatchObject({ users: 1 })
})

test('a run in which nothing was written leaves no folder', async () => {
  const url = await loggedDatabase(server, shop)
  const run = await startRun(url)
  const worker = await run.worker()
  const scope = await opened(worker, 't')
  await scope.close('passed', once_)
  await worker.file.close('passed', once_)
  expect(await run.main.end('passed')).toBeUndefined()
  expect(existsSync(run.main.ticket.settings.dir)).toBe(false)
})

test('what the test’s own client inserted is on record once', async () => {
  const url = await loggedDatabase(server, shop)
  const run = await startRun(url)
  const worker = await run.worker()
  const pg = (await import('pg')).default
  using _delivered = worker.session.deliver(pg)
  const { client } = await application(url)
  const scope = await opened(worker, 't')
  await scope.run(() => client.query(click))
  await scope.run(() => client.query(order(2)))
  const report = await scope.close('passed', once_)
  expect(report?.totals).toMatchObject({ tracked: 2, removed: 2 })
  expect(report?.warnings).toEqual([])
})

test('a first attempt’s rows go before the second begins', async () => {
  const url = await loggedDatabase(server, shop)
  const run = await startRun(url)
  const worker = await run.worker()
  const app = await application(url)
  const first = await opened(worker, 't')
  await app.as(run.id, first.id, click)
  await first.close('failed', { willRetry: true })
  expect(await counts(url)).toMatchObject({ users: 1 })
})

test('a server that is away is one warning, and keeps nobody waiting', async () => {
  const run = await startRun('postgres://postgres@127.0.0.1:1/shop')
  const worker = await run.worker()
  for (const title of ['a', 'b', 'c']) {
    const scope = await opened(worker, title)
    expect(await scope.close('passed', once_)).toBeUndefined()
  }
  await worker.file.close('passed', once_)
  const report = await run.main.end('passed')
  const codes = report?.warnings.map(({ code }) => code) ?? []
  expect(codes).toEqual(['DUSTPAN_STORE_UNREACHABLE'])
})

test('without the option nothing is asked', async () => {
  const url = await loggedDatabase(server, shop)
  const run = await startRun(url, {}, {})
  const worker = await run.worker()
  const scope = worker.openTest('t')
  expect(scope.isEmpty).toBe(true)
  await (await application(url)).as(run.id, scope.id, click)
  expect(await scope.close('passed', once_)).toBeUndefined()
  expect(await run.main.end('passed')).toBeUndefined()
})

/** Its process is known to the database before anything happens in it. */
async function opened(
  worker: Awaited<ReturnType<Awaited<ReturnType<typeof startRun>>['worker']>> | undefined,
  title: string,
) {
  const scope = worker?.openTest(title)
  if (!scope) throw new Error('no worker')
  // The database's clock and ours tell milliseconds: one that has begun belongs to nobody for certain.
  const begun = Date.now()
  while (Date.now() < begun + 3) await new Promise((resolve) => setImmediate(resolve))
  return scope
}

test('what names a run long after it was over stays, and is told: a person may have the name in a browser', async () => {
  const url = await loggedDatabase(server, shop)
  const run = await startRun(url)
  const worker = await run.worker()
  const app = await application(url)
  const scope = worker.openTest('t')
  await app.as(run.id, scope.id, click)
  expect((await scope.close('failed', once_))?.totals).toMatchObject({ kept: 1 })
  await run.main.end('failed')
  await app.as(run.id, scope.id, click)
  await once(url, `UPDATE dustpan.log SET at = at + interval '1 minute'`)
  await app.as(run.id, scope.id, click)
  await once(url, `UPDATE dustpan.log SET at = at + interval '10 minutes' WHERE key = '["4"]'`)
  await using later = await takeUp(run.folder, run.id)
  await later.collect()
  await later.remove([...later.folded().resources.values()])
  expect((await once(url, 'SELECT id FROM users ORDER BY id')).rows).toEqual([{ id: 1 }, { id: 4 }])
  expect(later.folded().warnings).toEqual([
    {
      code: 'DUSTPAN_ROWS_UNATTRIBUTED',
      message: expect.stringMatching(`in the name of run ${run.id} long after it ended, .*: 1 of users$`),
    },
  ])
})

test('of a run that was killed, nobody knows when a test ended: what came within the hour is its own', async () => {
  const url = await loggedDatabase(server, shop)
  const run = await startRun(url)
  const worker = await run.worker()
  const app = await application(url)
  const scope = worker.openTest('t')
  await app.as(run.id, scope.id, click)
  await scope.close('failed', once_)
  await app.as(run.id, scope.id, `${click}; ${click}`)
  await once(url, `UPDATE dustpan.log SET at = at + interval '50 minutes' WHERE key = '["3"]'`)
  await once(url, `UPDATE dustpan.log SET at = at + interval '70 minutes' WHERE key = '["4"]'`)
  await clean(run.folder, run.id)
  expect((await once(url, 'SELECT id FROM users ORDER BY id')).rows).toEqual([{ id: 1 }, { id: 4 }])
})
