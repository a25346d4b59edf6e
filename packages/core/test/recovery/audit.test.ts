import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { AuditEntry } from '../../src/ledger/audit-log.ts'
import { readAudit } from '../../src/ledger/audit-log.ts'
import { readWholeAudit } from '../../src/recovery/audit.ts'
import { openLedgerRun } from '../../src/recovery/ledger-run.ts'
import { track } from '../../src/tracking/facade.ts'
import { close, row, testRun } from '../run.ts'

const brief = ({ type, keys, result }: AuditEntry) => `${result} ${type} ${keys?.join()}`

test('every removal is in the audit log at the end of the run, and stays there without its journals', async () => {
  const { openTest, main, dir, store } = await testRun({ protect: { types: ['country'] } })
  const scope = openTest('a')
  scope.run(() => {
    track({ type: 'user', ids: [1, 2], remove: { table: 'user', store: 'main' } })
    track(row(store, 'country', 'nl'))
    track(row(store, 'order', 7))
  })
  for (const id of [1, 2]) store.rows.set(`user ${id}`, {})
  store.script.answer = ({ type }) =>
    type === 'order' ? { state: 'refused', why: 'not-ours', detail: null } : undefined
  await close(scope)
  expect(readAudit(dir).entries).toEqual([])
  await main.end('passed')

  const { entries } = readAudit(dir)
  expect(entries.map(brief).sort()).toEqual(['refused country nl', 'refused order 7', 'removed user 2,1'])
  expect(entries.find(({ type }) => type === 'user')).toMatchObject({
    ...{ v: 1, what: 'removal', environment: 'local', run: main.ticket.run, driver: 'main', store: store.id, count: 2 },
    by: { user: expect.any(String), host: expect.any(String) },
  })
  expect(entries.find(({ type }) => type === 'country')).toMatchObject({ why: 'protected', code: 'DUSTPAN_PROTECTED' })

  expect(readWholeAudit(dir).entries).toHaveLength(3)
  rmSync(join(dir, 'runs'), { recursive: true })
  expect(readWholeAudit(dir).entries).toEqual(entries)
})

test('a soft delete is logged as marked', async () => {
  const { openTest, main, dir, store } = await testRun()
  store.script.answer = () => ({ state: 'removed', result: '200 OK', marked: true })
  const scope = openTest('a')
  scope.run(() => track(row(store, 'user', 1)))
  await close(scope)
  await main.end('passed')
  expect(readAudit(dir).entries.map(brief)).toEqual(['marked user 1'])
})

test('removals of an unfinished run are read from its journals, and only once', async () => {
  const { openTest, main, dir, store } = await testRun()
  const scope = openTest('a')
  scope.run(() => track(row(store, 'user', 1)))
  await close(scope)
  expect(readWholeAudit(dir).entries.map(brief)).toEqual(['removed user 1'])
  await main.end('passed')
  expect(readWholeAudit(dir).entries.map(brief)).toEqual(['removed user 1'])
})

test('a removal without a recorded outcome is logged as unknown', async () => {
  const { openTest, dir, store } = await testRun()
  const scope = openTest('a')
  scope.run(() => track(row(store, 'user', 1)))
  store.script.remove = () => new Promise(() => {})
  void close(scope)
  while (!store.calls.some((call) => call.startsWith('remove'))) await new Promise(setImmediate)
  expect(readWholeAudit(dir).entries.map(brief)).toEqual(['unknown user 1'])
})

test('a later removal from the command line is added once', async () => {
  const { openTest, main, dir, store } = await testRun({ cleanup: { strategy: 'conditional' } })
  const [passed, failed] = [openTest('a'), openTest('b')]
  passed.run(() => track(row(store, 'user', 1)))
  failed.run(() => track(row(store, 'user', 2)))
  await close(passed)
  await close(failed, 'failed')
  await main.end('failed')
  expect(readAudit(dir).entries.map(brief)).toEqual(['removed user 1'])

  const { settings } = main.ticket
  await using run = await openLedgerRun(settings, { run: main.ticket.run, runner: 'dustpan clean' }, 'cli')
  await run?.remove([...(run.folded().resources.values() ?? [])])
  run?.writeReport()
  run?.writeReport()
  expect(readAudit(dir).entries.map(brief)).toEqual(['removed user 1', 'removed user 2'])
})

test('keys that may be secrets and credentials in messages are masked', async () => {
  const { openTest, main, dir, store } = await testRun({ cleanup: { retry: { attempts: 1 } } })
  const scope = openTest('a')
  scope.run(() => track(row(store, 'session', 'abcdefghijklmnopqrstuvwxyz')))
  store.script.remove = () => {
    throw new Error('postgres://me:pa55word@localhost said no')
  }
  await close(scope)
  await main.end('passed')
  const text = JSON.stringify(readAudit(dir))
  expect(text).toContain('abcd***')
  expect(text).not.toMatch(/abcdefgh|pa55word/)
})

test('a run that removed nothing adds no entry', async () => {
  const { openTest, main, dir } = await testRun()
  await close(openTest('a'))
  await main.end('passed')
  expect(readAudit(dir).entries).toEqual([])
})
