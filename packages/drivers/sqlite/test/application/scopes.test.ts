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
const passed = { willRetry: false } as const
test.each(['WAL', 'DELETE'])(
  'two workers click at once, one test fails: its rows are kept, the other’s are gone (%s)',
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
      tests.map((scope, i) => scope.close(i === 0 ? 'failed' : 'passed', passed)),
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

test('alone, a test gets what came without a name; what came before it is its file’s, and goes with that', async () => {
  const file = await loggedFile(shop)
  const run = await startRun(file)
  const worker = await run.worker()
  const app = application(file)
  await app.write(click)
  const scope = await worker.openTest('t')
  await app.write(click)
  expect((await scope.close('passed', passed))?.totals).toMatchObject({ tracked: 1, removed: 1 })
  expect(counts(file)).toMatchObject({ users: 2 })
  const report = await worker.file.close('passed', passed)
  expect(resources(report)).toMatchObject([{ attributed: 'file', state: 'removed' }])
  expect(counts(file)).toMatchObject({ users: 1 })
})

test('what somebody wrote just before the run, in the same second, is not the run’s', async () => {
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

test('of workers that run at once, rows without a name are the run’s', async () => {
  const file = await loggedFile(shop)
  const run = await startRun(file)
  const workers = [await run.worker(), await run.worker()]
  const scopes = await Promise.all(workers.map((worker) => worker.openTest('t')))
  await application(file).write(click)
  for (const scope of scopes) expect(await scope.close('passed', passed)).toBeUndefined()
  for (const worker of workers) {
    expect(await worker.file.close('passed', passed)).toBeUndefined()
    await worker.session[Symbol.asyncDispose]()
  }
  expect(resources(await run.main.end('passed'))).toMatchObject([{ attributed: 'run', state: 'removed' }])
  expect(counts(file)).toMatchObject({ users: 1 })
})

test.each(['passed', 'failed'] as const)(
  'a row that comes after its test %s goes, or stays, as that says: at the end of the file',
  async (verdict) => {
    const file = await loggedFile(shop)
    const run = await startRun(file)
    const worker = await run.worker()
    const scope = await worker.openTest('t')
    await scope.close(verdict, passed)
    await application(file).as(run.id, scope.id, click)
    await worker.file.close('passed', passed)
    expect(counts(file)).toMatchObject({ users: verdict === 'passed' ? 1 : 2 })
    expect(resources(await run.main.end(verdict)).map(({ state, attributed }) => [state, attributed])).toEqual([
      [verdict === 'passed' ? 'removed' : 'kept', 'test'],
    ])
  },
)

test('a worker that died without a word: the main process collects what its test wrote', async () => {
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
  await (await worker.openTest('t')).close('passed', passed)
  await worker.file.close('passed', passed)
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
] as const)('what the test’s own client inserts is on record once (%s)', async (_, library, open) => {
  const file = await loggedFile(shop)
  const run = await startRun(file)
  const worker = await run.worker()
  using _delivered = worker.session.deliver(library)
  const client = open(file)
  const scope = await worker.openTest('t')
  await scope.run(async () => client.exec(`${click} INSERT INTO orders (user_id) VALUES (2)`))
  await application(file).as(run.id, scope.id, click)
  const report = await scope.close('passed', passed)
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

test('a file that stays locked is one warning; what was written is found at the end of the run', async () => {
  const file = await loggedFile(shop)
  const run = await startRun(file, {}, { application: true, client: 'node:sqlite' })
  const worker = await run.worker()
  const scope = await worker.openTest('t')
  await application(file).as(run.id, scope.id, click)
  const stranger = new DatabaseSync(file)
  stranger.exec('BEGIN IMMEDIATE')
  await scope.close('passed', passed)
  stranger.exec('ROLLBACK')
  stranger.close()
  await worker.file.close('passed', passed)
  const report = await run.main.end('passed')
  expect(report?.warnings.map(({ code }) => code)).toEqual(['DUSTPAN_STORE_UNREACHABLE'])
  expect(report?.totals).toMatchObject({ tracked: 1, removed: 1 })
})

test('without the option nothing is asked; without the log, the run says so', async () => {
  const file = await loggedFile(shop)
  const run = await startRun(file, {}, {})
  const scope = await (await run.worker()).openTest('t')
  await application(file).as(run.id, scope.id, click)
  expect(await scope.close('passed', passed)).toBeUndefined()
  expect(await run.main.end('passed')).toBeUndefined()
  await uninstall(file)
  const asking = await startRun(file)
  await (await (await asking.worker()).openTest('t')).close('passed', passed)
  expect((await asking.main.end('passed'))?.warnings.map(({ code }) => code)).toEqual(['DUSTPAN_LOG_MISSING'])
})

test('what names a run long after it was over stays, and is told: a person may have the name in a browser', async () => {
  const file = await loggedFile(shop)
  const run = await startRun(file)
  const worker = await run.worker()
  const app = application(file)
  const scope = await worker.openTest('t')
  await app.as(run.id, scope.id, click)
  expect((await scope.close('failed', passed))?.totals).toMatchObject({ kept: 1 })
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
