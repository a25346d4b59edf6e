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
const noRetry = { willRetry: false } as const

test('of two concurrent workers, the rows of the failed test are kept and those of the passed test are removed', async () => {
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
  const [failed, passed] = await Promise.all(
    tests.map((scope, i) => scope.close(i === 0 ? 'failed' : 'passed', noRetry)),
  )
  expect(passed?.totals).toMatchObject({ tracked: 6, removed: 6 })
  expect(failed?.totals).toMatchObject({ tracked: 6, kept: 6 })
  expect(resources(failed)[0]).toMatchObject({ origin: 'collected', attributed: 'test' })
  expect(await counts(url)).toEqual({ users: 4, orders: 4 })
  const report = await run.main.end('failed')
  expect(report?.totals).toMatchObject({ tracked: 12, removed: 6, kept: 6 })
  expect(report?.warnings).toEqual([])
  expect(await logged(url)).toEqual([])
})

test('unnamed rows belong to the only active test, or to its file if they were written before the test', async () => {
  const url = await loggedDatabase(server, shop)
  const run = await startRun(url)
  const worker = await run.worker()
  const app = await application(url)
  await app.client.query(click)
  const scope = await opened(worker, 't')
  await app.client.query(click)
  expect((await scope.close('passed', noRetry))?.totals).toMatchObject({ tracked: 1, removed: 1 })
  expect(await counts(url)).toMatchObject({ users: 2 })
  const report = await worker.file.close('passed', noRetry)
  expect(report?.totals).toMatchObject({ tracked: 1, removed: 1 })
  expect(resources(report)[0]).toMatchObject({ attributed: 'file' })
  expect(await counts(url)).toMatchObject({ users: 1 })
})

test('unnamed rows of concurrent tests in a file belong to the file', async () => {
  const url = await loggedDatabase(server, shop)
  const run = await startRun(url)
  const worker = await run.worker()
  const app = await application(url)
  const scopes = [await opened(worker, 'a'), await opened(worker, 'b')]
  await app.client.query(click)
  for (const scope of scopes) expect(await scope.close('passed', noRetry)).toBeUndefined()
  expect(resources(await worker.file.close('passed', noRetry))[0]).toMatchObject({
    attributed: 'file',
    state: 'removed',
  })
})

test.each([
  ['the file', 1],
  ['the run', 2],
])('unnamed rows of %s are kept if a failed test may have created them', async (_whose, count) => {
  const url = await loggedDatabase(server, shop)
  const run = await startRun(url)
  const workers = [await run.worker(), await run.worker()].slice(0, count)
  const app = await application(url)
  const scopes = [await opened(workers[0], 'fails'), await opened(workers.at(-1), 'passes')]
  await app.client.query(click)
  await scopes[0]?.close('failed', noRetry)
  await scopes[1]?.close('passed', noRetry)
  for (const { file } of workers) await file.close(file === workers[0]?.file ? 'failed' : 'passed', noRetry)
  const report = await run.main.end('failed')
  expect(resources(report)).toMatchObject([{ state: 'kept', why: expect.stringContaining('may have created it') }])
  expect(await counts(url)).toMatchObject({ users: 2 })
})

test('unnamed rows of concurrent workers belong to the run', async () => {
  const url = await loggedDatabase(server, shop)
  const run = await startRun(url)
  const workers = [await run.worker(), await run.worker()]
  const scopes = [await opened(workers[0], 'a'), await opened(workers[1], 'b')]
  await (await application(url)).client.query(click)
  for (const scope of scopes) expect(await scope.close('passed', noRetry)).toBeUndefined()
  for (const { file, session } of workers) {
    expect(await file.close('passed', noRetry)).toBeUndefined()
    await session[Symbol.asyncDispose]()
  }
  expect(resources(await run.main.end('passed'))[0]).toMatchObject({ attributed: 'run', state: 'removed' })
  expect(await counts(url)).toMatchObject({ users: 1 })
})

test.each(['passed', 'failed'] as const)(
  'a row written after its test %s is removed or kept accordingly at the end of the file',
  async (verdict) => {
    const url = await loggedDatabase(server, shop)
    const run = await startRun(url)
    const worker = await run.worker()
    const scope = await opened(worker, 't')
    await scope.close(verdict, noRetry)
    await (await application(url)).as(run.id, scope.id, click)
    await worker.file.close('passed', noRetry)
    expect(await counts(url)).toMatchObject({ users: verdict === 'passed' ? 1 : 2 })
    const report = await run.main.end(verdict)
    expect(resources(report).map(({ state, attributed }) => [state, attributed])).toEqual([
      [verdict === 'passed' ? 'removed' : 'kept', 'test'],
    ])
  },
)

test('rows written after the last file are collected at the end of the run, and kept if their test is unknown', async () => {
  const url = await loggedDatabase(server, shop)
  const run = await startRun(url)
  const worker = await run.worker()
  const app = await application(url)
  const known = await opened(worker, 'known')
  await app.as(run.id, known.id, click)
  await known.close('passed', noRetry)
  const unknown = await opened(worker, 'unknown')
  await unknown.close('passed', noRetry)
  await worker.file.close('passed', noRetry)
  await app.as(run.id, known.id, click)
  await app.as(run.id, unknown.id, click)
  await worker.session[Symbol.asyncDispose]()
  const report = await run.main.end('passed')
  expect(report?.totals).toMatchObject({ tracked: 3, removed: 2, kept: 1 })
  expect(await counts(url)).toMatchObject({ users: 2 })
})

test('the main process collects the rows of a worker that died', async () => {
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
  await scope.close('passed', noRetry)
  await worker.file.close('passed', noRetry)
  expect(await run.main.end('passed')).toBeUndefined()
  expect(existsSync(run.main.ticket.settings.dir)).toBe(false)
})

test('a row that the test’s own client inserted is recorded once', async () => {
  const url = await loggedDatabase(server, shop)
  const run = await startRun(url)
  const worker = await run.worker()
  const pg = (await import('pg')).default
  using _delivered = worker.session.deliver(pg)
  const { client } = await application(url)
  const scope = await opened(worker, 't')
  await scope.run(() => client.query(click))
  await scope.run(() => client.query(order(2)))
  const report = await scope.close('passed', noRetry)
  expect(report?.totals).toMatchObject({ tracked: 2, removed: 2 })
  expect(report?.warnings).toEqual([])
})

test('rows of a failed attempt are removed before the retry', async () => {
  const url = await loggedDatabase(server, shop)
  const run = await startRun(url)
  const worker = await run.worker()
  const app = await application(url)
  const first = await opened(worker, 't')
  await app.as(run.id, first.id, click)
  await first.close('failed', { willRetry: true })
  expect(await counts(url)).toMatchObject({ users: 1 })
})

test('an unreachable server warns once with DUSTPAN_STORE_UNREACHABLE', async () => {
  const run = await startRun('postgres://postgres@127.0.0.1:1/shop')
  const worker = await run.worker()
  for (const title of ['a', 'b', 'c']) {
    const scope = await opened(worker, title)
    expect(await scope.close('passed', noRetry)).toBeUndefined()
  }
  await worker.file.close('passed', noRetry)
  const report = await run.main.end('passed')
  const codes = report?.warnings.map(({ code }) => code) ?? []
  expect(codes).toEqual(['DUSTPAN_STORE_UNREACHABLE'])
})

test('rows of the application are not collected without the option', async () => {
  const url = await loggedDatabase(server, shop)
  const run = await startRun(url, {}, {})
  const worker = await run.worker()
  const scope = worker.openTest('t')
  expect(scope.isEmpty).toBe(true)
  await (await application(url)).as(run.id, scope.id, click)
  expect(await scope.close('passed', noRetry)).toBeUndefined()
  expect(await run.main.end('passed')).toBeUndefined()
})

/** Opens a test, and waits until its start is in the past for the database. */
async function opened(
  worker: Awaited<ReturnType<Awaited<ReturnType<typeof startRun>>['worker']>> | undefined,
  title: string,
) {
  const scope = worker?.openTest(title)
  if (!scope) throw new Error('no worker')
  // Both clocks count milliseconds: a row of the millisecond in which the test opens cannot be attributed.
  const begun = Date.now()
  while (Date.now() < begun + 3) await new Promise((resolve) => setImmediate(resolve))
  return scope
}

test('a row that names a run long after its end is not removed, with a warning', async () => {
  const url = await loggedDatabase(server, shop)
  const run = await startRun(url)
  const worker = await run.worker()
  const app = await application(url)
  const scope = worker.openTest('t')
  await app.as(run.id, scope.id, click)
  expect((await scope.close('failed', noRetry))?.totals).toMatchObject({ kept: 1 })
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

test('a row that names a killed run is removed if it was written within an hour after its last record', async () => {
  const url = await loggedDatabase(server, shop)
  const run = await startRun(url)
  const worker = await run.worker()
  const app = await application(url)
  const scope = worker.openTest('t')
  await app.as(run.id, scope.id, click)
  await scope.close('failed', noRetry)
  await app.as(run.id, scope.id, `${click}; ${click}`)
  await once(url, `UPDATE dustpan.log SET at = at + interval '50 minutes' WHERE key = '["3"]'`)
  await once(url, `UPDATE dustpan.log SET at = at + interval '70 minutes' WHERE key = '["4"]'`)
  await clean(run.folder, run.id)
  expect((await once(url, 'SELECT id FROM users ORDER BY id')).rows).toEqual([{ id: 1 }, { id: 4 }])
})
