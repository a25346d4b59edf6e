import { spawn } from 'node:child_process'
import { once as onceEmitted } from 'node:events'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import * as sqlite from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { resources } from '@dustpan/conformance'
import { restoring } from '@dustpan/conformance/application-log'
import { clean } from '@dustpan/conformance/run'
import type { CleanupReport } from '@dustpan/core/worker'
import { expect, onTestFinished, test } from 'vitest'
import { application, logged, loggedFile, once } from '../application/database.ts'
import { startRun } from '../application/run.ts'

const BetterSqlite3 = createRequire(import.meta.url)('better-sqlite3')
const users = `CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO users VALUES (1, 'n1'), (2, 'n2'), (3, 'n3'), (4, 'n4')`
const untouched = ['n1', 'n2', 'n3', 'n4']
const names = (file: string) => once(file, '', 'SELECT name FROM users ORDER BY id').map(({ name }) => name)
const lastAttempt = { willRetry: false } as const

async function world(config: object = {}) {
  const file = await loggedFile(users, restoring)
  const run = await startRun(file, config, restoring)
  const worker = await run.worker()
  return { file, run, worker, app: () => application(file) }
}

test('changed rows are restored after a passed test, and after a failed one when its run is cleaned', async () => {
  const { file, run, worker, app: start } = await world()
  const app = start()
  const [passes, fails] = [await worker.openTest('passes'), await worker.openTest('fails')]
  await app.as(run.id, passes.id, `UPDATE users SET name = 'x' WHERE id = 1`)
  await app.as(run.id, fails.id, `UPDATE users SET name = 'y' WHERE id = 2; DELETE FROM users WHERE id = 3`)
  expect(results(await passes.close('passed', lastAttempt))).toEqual(['users 1 removed restored 1 column'])
  expect(results(await fails.close('failed', lastAttempt))).toEqual([
    'users 2 kept the test failed',
    'users 3 kept the test failed',
  ])
  await worker.session[Symbol.asyncDispose]()
  expect((await run.main.end('failed'))?.totals).toMatchObject({ tracked: 3, removed: 1, kept: 2 })
  expect(names(file)).toEqual(['n1', 'y', 'n4'])
  await clean(run.main.ticket.settings.root, run.id)
  expect(names(file)).toEqual(untouched)
  expect(logged(file)).toEqual([])
})

test('a row changed since by another run is refused with DUSTPAN_CHANGED_SINCE; unnamed changes stay', async () => {
  const { file, run, worker, app: start } = await world()
  const app = start()
  const scope = await worker.openTest('t')
  await app.as(run.id, scope.id, `UPDATE users SET name = 'mine' WHERE id = 1`)
  await app.as('another run', 'a', `UPDATE users SET name = 'theirs' WHERE id = 1`)
  await app.write(`UPDATE users SET name = 'by hand' WHERE id = 2`)
  await scope.close('passed', lastAttempt)
  await worker.session[Symbol.asyncDispose]()
  const report = await run.main.end('passed')
  expect(report?.totals).toMatchObject({ tracked: 1, refused: 1 })
  expect(resources(report)[0]?.error?.code).toBe('DUSTPAN_CHANGED_SINCE')
  expect(names(file)).toEqual(['theirs', 'by hand', 'n3', 'n4'])
})

test('with atomic cleanup, nothing is restored or removed when one row cannot be', async () => {
  const { file, run, worker, app: start } = await world({ cleanup: { strategy: 'conditional', atomic: true } })
  const app = start()
  const scope = await worker.openTest('t')
  await app.as(run.id, scope.id, `UPDATE users SET name = 'x' WHERE id <= 2; INSERT INTO users VALUES (9, 'new')`)
  await app.as('another run', 'a', `UPDATE users SET name = 'theirs' WHERE id = 1`)
  expect((await scope.close('passed', lastAttempt))?.totals).toMatchObject({ tracked: 3, removed: 0 })
  expect(names(file)).toEqual(['theirs', 'x', 'n3', 'n4', 'new'])
})

test.each([
  ['node:sqlite', sqlite, (file: string) => new sqlite.DatabaseSync(file)],
  ['better-sqlite3', BetterSqlite3, (file: string) => new BetterSqlite3(file) as sqlite.DatabaseSync],
] as const)(
  'rows that the test’s own client changes or deletes are restored after the test (%s)',
  async (_, library, open) => {
    const { file, worker } = await world()
    const delivered = worker.session.deliver(library)
    onTestFinished(() => delivered[Symbol.dispose]())
    const client = open(file)
    onTestFinished(() => client.close())
    const [a, b] = [await worker.openTest('a'), await worker.openTest('b')]
    const changes = a.run(() => {
      client.exec(`UPDATE users SET name = 'x' WHERE id = 1`)
      client.prepare('DELETE FROM users WHERE id = ?').run(2)
      client.exec(`INSERT INTO users VALUES (9, 'mine')`)
      return client.prepare(`UPDATE users SET name = 'still mine' WHERE id IN (1, 9)`).run().changes
    })
    expect(Number(changes)).toBe(2)
    expect(client.prepare('SELECT changes() AS n').get()).toEqual({ n: 2 })
    b.run(() => client.prepare(`UPDATE users SET name = 'b' WHERE id = 3 RETURNING id`).all())
    client.exec(`UPDATE users SET name = 'nobody’s' WHERE id = 4`)
    expect(results(await a.close('passed', lastAttempt))).toEqual([
      'users 1 removed restored 1 column',
      'users 2 removed restored row',
      'users 9 removed 1 row',
    ])
    expect(names(file)).toEqual(['n1', 'n2', 'b', 'nobody’s'])
    expect(results(await b.close('passed', lastAttempt))).toEqual(['users 3 removed restored 1 column'])
  },
)

test('a deleted row is restored over a row that the test’s own client inserted with its key', async () => {
  const { file, worker } = await world()
  const delivered = worker.session.deliver(sqlite)
  onTestFinished(() => delivered[Symbol.dispose]())
  const client = new sqlite.DatabaseSync(file)
  onTestFinished(() => client.close())
  const scope = await worker.openTest('a')
  scope.run(() => client.exec(`DELETE FROM users WHERE id = 4; INSERT INTO users (name) VALUES ('mine')`))
  expect(names(file)).toEqual(['n1', 'n2', 'n3', 'mine'])
  expect(results(await scope.close('passed', lastAttempt))).toContain('users 4 removed restored 1 column')
  expect(names(file)).toEqual(untouched)
})

test('previous values of rows are stored only in the database', async () => {
  const { file, run, worker, app: start } = await world()
  const app = start()
  once(file, `UPDATE users SET name = 'pa$$word'`)
  const scope = await worker.openTest('t')
  await app.as(run.id, scope.id, `UPDATE users SET name = 'secret' WHERE id = 1; DELETE FROM users WHERE id = 2`)
  await scope.close('failed', lastAttempt)
  await run.main.end('failed')
  const written = filesIn(run.main.ticket.settings.dir).map((path) => readFileSync(path, 'utf8'))
  expect(written.join('\n')).toContain('restore-row')
  expect(written.join('\n')).not.toMatch(/pa\$\$word|secret/)
})

test('rows changed by a killed run are restored by the next cleanup', async () => {
  const { file, run } = await world()
  const folder = run.main.ticket.settings.root
  const script = fileURLToPath(new URL('./killed-run.ts', import.meta.url))
  const running = spawn(process.execPath, ['--no-warnings', script, folder, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [id] = (await onceEmitted(running.stdout, 'data')) as [Buffer]
  running.kill('SIGKILL')
  await onceEmitted(running, 'exit')
  expect(names(file)).toEqual(['killed', 'n3', 'n4'])
  await clean(folder, String(id).trim())
  expect(names(file)).toEqual(untouched)
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
