import { spawn } from 'node:child_process'
import { once as onceEmitted } from 'node:events'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { resources } from '@dustpan/conformance'
import { restoring } from '@dustpan/conformance/application-log'
import { clean } from '@dustpan/conformance/run'
import { once } from '@dustpan/conformance/servers'
import { testServer } from '@dustpan/conformance/servers/test-server'
import type { CleanupReport } from '@dustpan/core/worker'
import { expect, test } from 'vitest'
import { application, logged, loggedDatabase } from '../application/database.ts'
import { startRun } from '../application/run.ts'

const server = await testServer()
const users = `CREATE TABLE users (id int PRIMARY KEY, name text); INSERT INTO users SELECT i, 'n' || i FROM generate_series(1, 3) i`
const untouched = ['n1', 'n2', 'n3']
const names = async (url: string) =>
  (await once(url, 'SELECT name FROM users ORDER BY id')).rows.map(({ name }) => name)
const noRetry = { willRetry: false } as const

async function world(config: object = {}) {
  const url = await loggedDatabase(server, users, restoring)
  const run = await startRun(url, config, restoring)
  return { url, run, worker: await run.worker(), app: await application(url) }
}

test('changes of a passed test are undone, and those of a failed test are kept until they are cleaned', async () => {
  const { url, run, worker, app } = await world()
  const [passes, fails] = [worker.openTest('passes'), worker.openTest('fails')]
  await app.as(run.id, passes.id, `UPDATE users SET name = 'x' WHERE id = 1`)
  await app.as(run.id, fails.id, `UPDATE users SET name = 'y' WHERE id = 2; DELETE FROM users WHERE id = 3`)
  expect(results(await passes.close('passed', noRetry))).toEqual(['users 1 removed restored 1 column'])
  expect(results(await fails.close('failed', noRetry))).toEqual([
    'users 2 kept the test failed',
    'users 3 kept the test failed',
  ])
  await worker.session[Symbol.asyncDispose]()
  const report = await run.main.end('failed')
  expect(report?.totals).toMatchObject({ tracked: 3, removed: 1, kept: 2 })
  expect(await names(url)).toEqual(['n1', 'y'])
  expect((await logged(url)).length).toBe(2)
  await clean(run.folder, run.id)
  expect(await names(url)).toEqual(untouched)
  expect(await logged(url)).toEqual([])
})

test('an unnamed change during the only active test is not undone, while an unnamed row is removed', async () => {
  const { url, run, worker, app } = await world()
  const lone = worker.openTest('alone')
  await setTimeout(20)
  await app.client.query(`UPDATE users SET name = 'by hand' WHERE id = 1; INSERT INTO users VALUES (9, 'clicked')`)
  expect(results(await lone.close('passed', noRetry))).toEqual(['users 9 removed 1 row'])
  await run.main.end('passed')
  expect(await names(url)).toEqual(['by hand', 'n2', 'n3'])
})

test('a change that another test overwrote is undone at the end of the run, after that of the other test', async () => {
  const { url, run, worker, app } = await world()
  const [a, b] = [worker.openTest('a'), worker.openTest('b')]
  await app.as(run.id, a.id, `UPDATE users SET name = 'a' WHERE id = 1`)
  await app.as(run.id, b.id, `UPDATE users SET name = 'b' WHERE id = 1`)
  expect(results(await a.close('passed', noRetry))).toEqual(['users 1 refused changed-since'])
  expect(await names(url)).toEqual(['b', 'n2', 'n3'])
  expect(results(await b.close('passed', noRetry))).toEqual(['users 1 removed restored 1 column'])
  await worker.session[Symbol.asyncDispose]()
  expect((await run.main.end('passed'))?.totals).toMatchObject({ tracked: 2, removed: 2 })
  expect(await names(url)).toEqual(untouched)
})

test('a row that another run has changed since is not restored, with DUSTPAN_CHANGED_SINCE', async () => {
  const { url, run, worker, app } = await world()
  const scope = worker.openTest('t')
  await app.as(run.id, scope.id, `UPDATE users SET name = 'mine' WHERE id = 1`)
  await app.as('another run', 'a', `UPDATE users SET name = 'theirs' WHERE id = 1`)
  await scope.close('passed', noRetry)
  await worker.session[Symbol.asyncDispose]()
  const report = await run.main.end('passed')
  expect(report?.totals).toMatchObject({ tracked: 1, refused: 1 })
  expect(resources(report)[0]?.error?.code).toBe('DUSTPAN_CHANGED_SINCE')
  expect(await names(url)).toEqual(['theirs', 'n2', 'n3'])
})

test('a change of a row that Dustpan has removed since is settled with that removal', async () => {
  const { url, run, worker, app } = await world()
  const [made, a, b] = [worker.openTest('made'), worker.openTest('a'), worker.openTest('b')]
  await app.as(run.id, made.id, `INSERT INTO users VALUES (9, 'new')`)
  await app.as(run.id, a.id, `UPDATE users SET name = 'a' WHERE id = 9`)
  await app.as(run.id, b.id, `UPDATE users SET name = 'b' WHERE id = 9`)
  expect(results(await a.close('passed', noRetry))).toEqual(['users 9 refused changed-since'])
  expect(results(await b.close('passed', noRetry))).toEqual(['users 9 removed restored 1 column'])
  expect(results(await made.close('passed', noRetry))).toEqual(['users 9 removed 1 row'])
  await worker.session[Symbol.asyncDispose]()
  const report = await run.main.end('passed')
  expect(report?.totals).toMatchObject({ tracked: 3, removed: 2, 'already-gone': 1, refused: 0 })
  expect(report?.warnings).toEqual([])
  expect(await names(url)).toEqual(untouched)
  expect(await logged(url)).toEqual([])
})

test('a row that another run has deleted since, or given another key, is refused', async () => {
  const { url, run, worker, app } = await world()
  const scope = worker.openTest('t')
  await app.as(run.id, scope.id, `UPDATE users SET name = 'mine' WHERE id <= 2`)
  await app.as('another run', 'a', 'DELETE FROM users WHERE id = 1; UPDATE users SET id = 22 WHERE id = 2')
  expect(results(await scope.close('passed', noRetry))).toEqual([
    'users 1 refused changed-since',
    'users 2 refused changed-since',
  ])
  expect(await names(url)).toEqual(['n3', 'mine'])
})

test('a row that a kept test deleted and another test inserted again is removed with the other test', async () => {
  const { url, run, worker, app } = await world()
  const [fails, passes] = [worker.openTest('fails'), worker.openTest('passes')]
  await app.as(run.id, fails.id, 'DELETE FROM users WHERE id = 1')
  await fails.close('failed', noRetry)
  await app.as(run.id, passes.id, `INSERT INTO users VALUES (1, 'new')`)
  expect(results(await passes.close('passed', noRetry))).toEqual(['users 1 removed 1 row'])
  await clean(run.folder, run.id)
  expect(await names(url)).toEqual(untouched)
})

test('with `atomic: true`, nothing of a test is undone if one row cannot be restored', async () => {
  const { url, run, worker, app } = await world({ cleanup: { strategy: 'conditional', atomic: true } })
  const scope = worker.openTest('t')
  const change = `UPDATE users SET name = 'x' WHERE id <= 2; INSERT INTO users VALUES (9, 'new')`
  await app.as(run.id, scope.id, change)
  await app.as('another run', 'a', `UPDATE users SET name = 'theirs' WHERE id = 1`)
  expect((await scope.close('passed', noRetry))?.totals).toMatchObject({ tracked: 3, removed: 0 })
  expect(await names(url)).toEqual(['theirs', 'x', 'n3', 'new'])
  const next = worker.openTest('again')
  await app.as(run.id, next.id, `UPDATE users SET name = 'y' WHERE id = 3`)
  expect(results(await next.close('passed', noRetry))).toEqual(['users 3 removed restored 1 column'])
})

test('previous values of rows are not written to any file', async () => {
  const url = await loggedDatabase(server, users, restoring)
  await once(url, `UPDATE users SET name = 'pa$$word'`)
  const run = await startRun(url, {}, restoring)
  const worker = await run.worker()
  const scope = worker.openTest('t')
  await (await application(url)).as(
    run.id,
    scope.id,
    `UPDATE users SET name = 'secret' WHERE id = 1; DELETE FROM users WHERE id = 2`,
  )
  await scope.close('failed', noRetry)
  await run.main.end('failed')
  const written = filesIn(run.main.ticket.settings.dir).map((path) => readFileSync(path, 'utf8'))
  expect(written.join('\n')).toContain('restore-row')
  expect(written.join('\n')).not.toMatch(/pa\$\$word|secret(?!@)/)
})

test('changes of a killed run are undone by the next cleanup', async () => {
  const url = await loggedDatabase(server, users, restoring)
  const { folder } = await startRun(url, {}, restoring)
  const script = fileURLToPath(new URL('./killed-run.ts', import.meta.url))
  const running = spawn(process.execPath, [script, folder, url], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [id] = (await onceEmitted(running.stdout, 'data')) as [Buffer]
  running.kill('SIGKILL')
  await onceEmitted(running, 'exit')
  expect(await names(url)).toEqual(['killed', 'n3'])
  await clean(folder, String(id).trim())
  expect(await names(url)).toEqual(untouched)
})

function results(report: CleanupReport | undefined): readonly string[] {
  return resources(report)
    .map(({ type, key, state, result, why }) => `${type} ${key} ${state} ${result ?? why}`)
    .sort()
}

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
}
