import { fork } from 'node:child_process'
import { once as onceEmitted } from 'node:events'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { restore, takeUp } from '@dustpan/conformance/run'
import type { Resource } from '@dustpan/core/ledger'
import { expect, onTestFinished, test } from 'vitest'
import { application, loggedFile, newFile, once } from '../application/database.ts'
import { startRun } from '../application/run.ts'

const shop = `
  CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, photo BLOB);
  CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INT NOT NULL REFERENCES users ON DELETE CASCADE, total REAL);
  CREATE TABLE lines (order_id INT REFERENCES orders, n INT, what TEXT, PRIMARY KEY (order_id, n)) WITHOUT ROWID;
  INSERT INTO users VALUES (1, 'theirs', NULL)`
const made = `
  INSERT INTO users VALUES (2, 'n2', x'00ff'), (9007199254740993, NULL, NULL);
  INSERT INTO orders VALUES (1, 2, 1.0), (2, 9007199254740993, 0.1);
  INSERT INTO lines VALUES (1, 1, 'a'), (1, 2, 'b'), (2, 1, 'c')`
const config = { cleanup: { strategy: 'conditional', retry: { attempts: 1 }, backup: true } }

const whole = (file: string) =>
  ['users', 'orders', 'lines'].flatMap((table) => {
    const columns = once(file, '', `PRAGMA table_info(${table})`).map(({ name }) => `quote(${name})`)
    return once(file, '', `SELECT '${table} ' || ${columns.join(` || ',' || `)} AS row FROM ${table} ORDER BY 1`).map(
      ({ row }) => row,
    )
  })

const states = (resources: Iterable<Resource>) => [
  ...new Set([...resources].map(({ state, why }) => `${state} ${why}`)),
]

test('restoring a run brings back all its rows, and another cleanup removes them again', async () => {
  const file = await loggedFile(shop)
  const empty = whole(file)
  const run = await startRun(file, config)
  const worker = await run.worker()
  const scope = await worker.openTest('orders')
  await application(file).as(run.id, scope.id, made)
  const full = whole(file)
  await scope.close('passed', { willRetry: false })
  await worker.session[Symbol.asyncDispose]()
  expect((await run.main.end('passed'))?.totals).toMatchObject({ tracked: 7, removed: 7 })
  expect(whole(file)).toEqual(empty)
  const { root } = run.main.ticket.settings
  expect(await restore(root, run.id)).toEqual(Array(7).fill('1 row'))
  expect(whole(file)).toEqual(full)
  expect(await restore(root, run.id)).toEqual(Array(7).fill('already there'))
  await using reopened = await takeUp(root, run.id)
  expect(states(reopened.folded().resources.values())).toEqual(['kept restored'])
  await reopened.collect()
  await reopened.remove([...reopened.folded().resources.values()])
  expect(whole(file)).toEqual(empty)
  expect(once(file, '', 'SELECT * FROM dustpan_log')).toEqual([])
  expect(await restore(root, run.id)).toEqual(Array(7).fill('1 row'))
  expect(whole(file)).toEqual(full)
})

test('after a kill between backup and removal, the row is still there and can be removed and restored', async () => {
  const file = newFile(shop)
  const { main } = await startRun(file, config, {})
  const { root, dir } = main.ticket.settings
  const running = fork(join(import.meta.dirname, 'killed-run.ts'), [root, file], { execArgv: ['--no-warnings'] })
  onTestFinished(() => void running.kill('SIGKILL'))
  const [id] = (await onceEmitted(running, 'message')) as [string]
  const other = new DatabaseSync(file)
  other.exec('BEGIN IMMEDIATE')
  running.send('end')
  const backups = join(dir, 'runs', id, 'backups')
  const late = Date.now() + 10_000
  while (!isThere(backups) && Date.now() < late) await setTimeout(5)
  running.kill('SIGKILL')
  await onceEmitted(running, 'exit')
  other.exec('ROLLBACK')
  other.close()
  const seven = () => once(file, '', 'SELECT name FROM users WHERE id = 7')
  expect(seven()).toEqual([{ name: 'killed' }])
  expect(await restore(root, id)).toEqual(['already there'])
  await using run = await takeUp(root, id)
  await run.remove([...run.folded().resources.values()])
  expect(seven()).toEqual([])
  expect(await restore(root, id)).toEqual(['1 row'])
  expect(seven()).toEqual([{ name: 'killed' }])
})

function isThere(folder: string): boolean {
  try {
    return readdirSync(folder).some((name) => statSync(join(folder, name)).size > 0)
  } catch {
    return false
  }
}
