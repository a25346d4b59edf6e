import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { DatabaseSync } from 'node:sqlite'
import { resources } from '@dustpan/conformance'
import { takeUp } from '@dustpan/conformance/run'
import { expect, test } from 'vitest'
import { application, logged, loggedFile, once, uninstall } from './database.ts'
import { startRun } from './run.ts'

const shop = `
PRAGMA journal_mode = WAL;
CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INT NOT NULL REFERENCES users);
CREATE INDEX by_user ON orders (user_id);
INSERT INTO users (email) VALUES ('seed'); INSERT INTO orders (user_id) VALUES (1);`
const click = `INSERT INTO users (email) VALUES ('a');`
const counts = (file: string) =>
  once(file, '', 'SELECT (SELECT count(*) FROM users) AS users, (SELECT count(*) FROM orders) AS orders')[0]
const lastAttempt = { willRetry: false } as const
test.each(['WAL', 'DELETE'])(
  'rows of a failed test are kept, and those of a concurrent passed test are removed (%s)',
  async (mode) => {
    const file = await loggedFile(shop.replace('WAL', mode))
    const run = await startRun(file)
    const workers = [await run.worker(), await run.worker()]
    const tests = await Promise.all(workers.map((worker, i) => worker.openTest(`t${i}`)))
    const apps = [application(file), application(file)]
    await Promise.all(
      apps.map(async (app, i) => {
        for (let clicks = 0; clicks < 5; clicks++) {
          const scope = tests[i]?.id ?? ''
          const [user] = await app.as(run.id, scope, click, `SELECT max(id) AS id FROM users WHERE email = 'a'`)
          await app.as(run.id, scope, `INSERT INTO orders (user_id) VALUES (${i === 0 ? user?.id : 1})`)
        }
      }),
    )
    const [failed, other] = await Promise.all(
      tests.map((scope, i) => scope.close(i === 0 ? 'failed' : 'passed', lastAttempt)),
    )
    expect(other?.totals).toMatchObject({ tracked: 10, removed: 10 })
    expect(failed?.totals).toMatchObject({ tracked: 10, kept: 10 })
    expect(resources(failed)[0]).toMatchObject({ attributed: 'test' })
    expect(counts(file)).toEqual({ users: 6, orders: 6 })
    const report = await run.main.end('failed')
    expect(report?.totals).toMatchObject({ tracked: 20, removed: 10, kept: 10 })
    expect(report?.warnings).toEqual([])
    expect(logged(file)).toEqual([])
    expect(once(file, '', 'SELECT count(*) AS n FROM dustpan_writer WHERE ended IS NULL')).toEqual([{ n: 0 }])
  },
)

test('unnamed rows belong to the test that ran alone, and those from before the test to its file', async () => {
  const file = await loggedFile(shop)
  const run = await startRun(file)
  const worker = await run.worker()
  const app = application(file)
  await app.write(click)
  const scope = await worker.openTest('t')
  await app.write(click)
  expect((await scope.close('passed', lastAttempt))?.totals).toMatchObject({ tracked: 1, removed: 1 })
  expect(counts(file)).toMatchObject({ users: 2 })
  const report = await worker.file.close('passed', lastAttempt)
  expect(resources(report)).toMatchObject([{ attributed: 'file', state: 'removed' }])
  expect(counts(file)).toMatchObject({ users: 1 })
})

test('rows written just before the run, in the same second, do not belong to it', async () => {
  const file = await loggedFile(shop)
  const app = application(file)
  const early = Date.now() % 1000
  await new Promise((resolve) => setTimeout(resolve, early < 300 ? 0 : 1000 - early))
  await app.write(click)
  await new Promise((resolve) => setTimeout(resolve, 5))
  const run = await startRun(file)
  await run.worker()
  await app.write(`INSERT INTO orders (user_id) VALUES (1)`)
  const report = await run.main.end('passed')
  expect(resources(report).map(({ type }) => type)).toEqual(['orders'])
  expect(counts(file)).toEqual({ users: 2, orders: 1 })
})

test('unnamed rows belong to the run when several workers are active', async () => {
  const file = await loggedFile(shop)
  const run = await startRun(file)
  const workers = [await run.worker(), await run.worker()]
  const scopes = await Promise.all(workers.map((worker) => worker.openTest('t')))
  await application(file).write(click)
  for (const scope of scopes) expect(await scope.close('passed', lastAttempt)).toBeUndefined()
  for (const worker of workers) {
    expect(await worker.file.close('passed', lastAttempt)).toBeUndefined()
    await worker.session[Symbol.asyncDispose]()
  }
  expect(resources(await run.main.end('passed'))).toMatchObject([{ attributed: 'run', state: 'removed' }])
  expect(counts(file)).toMatchObject({ users: 1 })
})

test.each(['passed', 'failed'] as const)(
  'a row written after its test %s is removed or kept accordingly at the end of the file',
  async (verdict) => {
    const file = await loggedFile(shop)
    const run = await startRun(file)
    const worker = await run.worker()
    const scope = await worker.openTest('t')
    await scope.close(verdict, lastAttempt)
    await application(file).as(run.id, scope.id, click)
    await worker.file.close('passed', lastAttempt)
    expect(counts(file)).toMatchObject({ users: verdict === 'passed' ? 1 : 2 })
    expect(resources(await run.main.end(verdict)).map(({ state, attributed }) => [state, attributed])).toEqual([
      [verdict === 'passed' ? 'removed' : 'kept', 'test'],
    ])
  },
)

test('the main process collects the rows of a test that its worker never closed', async () => {
  const file = await loggedFile(shop)
  const run = await startRun(file, { cleanup: { strategy: 'immediate' } })
  const scope = await (await run.worker()).openTest('t')
  await application(file).as(run.id, scope.id, click)
  expect((await run.main.end('failed'))?.totals).toMatchObject({ tracked: 1, removed: 1 })
  expect(counts(file)).toMatchObject({ users: 1 })
})

test('a run in which nothing was written leaves no folder', async () => {
  const file = await loggedFile(shop)
  const run = await startRun(file)
  const worker = await run.worker()
  await (await worker.openTest('t')).close('passed', lastAttempt)
  await worker.file.close('passed', lastAttempt)
  expect(await run.main.end('passed')).toBeUndefined()
  expect(existsSync(run.main.ticket.settings.dir)).toBe(false)
})

const require = createRequire(import.meta.url)

test.each([
  ['node:sqlite', require('node:sqlite'), (file: string) => new DatabaseSync(file)],
  [
    'better-sqlite3',
    require('better-sqlite3'),
    (file: string) => new (require('better-sqlite3'))(file) as DatabaseSync,
  ],
] as const)('rows inserted by the test’s own client are recorded only once (%s)', async (_, library, open) => {
  const file = await loggedFile(shop)
  const run = await startRun(file)
  const worker = await run.worker()
  using _delivered = worker.session.deliver(library)
  const client = open(file)
  const scope = await worker.openTest('t')
  await scope.run(async () => client.exec(`${click} INSERT INTO orders (user_id) VALUES (2)`))
  await application(file).as(run.id, scope.id, click)
  const report = await scope.close('passed', lastAttempt)
  expect(report?.totals).toMatchObject({ tracked: 3, removed: 3 })
  expect(report?.warnings).toEqual([])
  expect(
    resources(report)
      .map(({ type }) => type)
      .sort(),
  ).toEqual(['orders', 'users', 'users'])
  expect(counts(file)).toEqual({ users: 1, orders: 1 })
  client.close()
})

test('a locked file is one warning, and its rows are collected at the end of the run', async () => {
  const file = await loggedFile(shop)
  const run = await startRun(file, {}, { application: true, client: 'node:sqlite' })
  const worker = await run.worker()
  const scope = await worker.openTest('t')
  await application(file).as(run.id, scope.id, click)
  const stranger = new DatabaseSync(file)
  stranger.exec('BEGIN IMMEDIATE')
  await scope.close('passed', lastAttempt)
  stranger.exec('ROLLBACK')
  stranger.close()
  await worker.file.close('passed', lastAttempt)
  const report = await run.main.end('passed')
  expect(report?.warnings.map(({ code }) => code)).toEqual(['DUSTPAN_STORE_UNREACHABLE'])
  expect(report?.totals).toMatchObject({ tracked: 1, removed: 1 })
})

test('rows are not collected without the option application; a missing log is DUSTPAN_LOG_MISSING', async () => {
  const file = await loggedFile(shop)
  const run = await startRun(file, {}, {})
  const scope = await (await run.worker()).openTest('t')
  await application(file).as(run.id, scope.id, click)
  expect(await scope.close('passed', lastAttempt)).toBeUndefined()
  expect(await run.main.end('passed')).toBeUndefined()
  await uninstall(file)
  const asking = await startRun(file)
  await (await (await asking.worker()).openTest('t')).close('passed', lastAttempt)
  expect((await asking.main.end('passed'))?.warnings.map(({ code }) => code)).toEqual(['DUSTPAN_LOG_MISSING'])
})

/** Somebody may still use the application in a browser that sends the run’s id. */
test('rows that name a run long after its end are kept with DUSTPAN_ROWS_UNATTRIBUTED', async () => {
  const file = await loggedFile(shop)
  const run = await startRun(file)
  const worker = await run.worker()
  const app = application(file)
  const scope = await worker.openTest('t')
  await app.as(run.id, scope.id, click)
  expect((await scope.close('failed', lastAttempt))?.totals).toMatchObject({ kept: 1 })
  await run.main.end('failed')
  await app.as(run.id, scope.id, click)
  once(file, 'UPDATE dustpan_log SET at = at + 60000')
  await app.as(run.id, scope.id, click)
  once(file, `UPDATE dustpan_log SET at = at + 600000 WHERE key = '[4]'`)
  await using later = await takeUp(run.folder, run.id)
  await later.collect()
  await later.remove([...later.folded().resources.values()])
  expect(once(file, '', 'SELECT id FROM users ORDER BY id')).toEqual([{ id: 1 }, { id: 4 }])
  expect(later.folded().warnings).toEqual([
    {
      code: 'DUSTPAN_ROWS_UNATTRIBUTED',
      message: expect.stringMatching(`in the name of run ${run.id} long after it ended, .*: 1 of users$`),
    },
  ])
})
