/** A key that was created again belongs to its last creator: earlier records of it are gone. */
import { describe, expect, test } from 'vitest'
import { openLedgerRun } from '../../src/recovery/ledger-run.ts'
import { orphansOf } from '../../src/recovery/orphans.ts'
import { recoverRun } from '../../src/recovery/recover-run.ts'
import type { State } from '../../src/resource/resource.ts'
import { beginRun } from '../../src/runner/run.ts'
import { joinRun } from '../../src/runner/session.ts'
import { track } from '../../src/tracking/facade.ts'
import { mockClock } from '../mocked-clock.ts'
import { close, row, type TestRun, testRun } from '../run.ts'

const time = mockClock()
const day = 86_400_000

const by = { role: 'cli', runner: 'test' } as const
const conditional = { cleanup: { when: 'after-file', strategy: 'conditional' } } as const
const persistent = { lifetime: 'persistent' } as const

function make({ openTest, store }: TestRun, title: string, more: object = {}) {
  const scoped = openTest(title)
  scoped.run(() => track({ ...row(store, 'user', 'carl'), ...more }))
  time.now += 1000
  return scoped
}

const fates = ({ folded }: TestRun): readonly (readonly [State, string | undefined])[] =>
  [...folded().resources.values()].map(({ state, why }) => [state, why])

const takenOver = ['gone', 'taken-over']

describe('a persistent resource survives', () => {
  test('the sweep of a run with an earlier record of its key', async () => {
    const run = await testRun({ cleanup: { when: 'after-file' } })
    await close(make(run, 'first'))
    await close(make(run, 'second', persistent))
    await run.main.end('passed')
    expect(run.store.rows.has('user carl')).toBe(true)
    expect(fates(run)).toMatchObject([takenOver, ['live', undefined]])
  })

  test('the end of the test that created its key before', async () => {
    const run = await testRun()
    const scoped = make(run, 't')
    scoped.run(() => track({ ...row(run.store, 'user', 'carl'), ...persistent }))
    const report = await close(scoped)
    expect(run.store.rows.has('user carl')).toBe(true)
    expect(report?.scopes[0]?.resources[0]).toMatchObject({ state: 'gone', why: 'taken-over' })
  })

  test('recovery of a run with an earlier record of its key', async () => {
    const run = await testRun({ cleanup: { strategy: 'conditional' } })
    await close(make(run, 'first'), 'failed')
    await close(make(run, 'second', persistent))
    await run.main.end('failed')
    time.now += day
    await recoverRun(run.main.ticket.settings, run.main.ticket.run, by)
    expect(run.store.rows.has('user carl')).toBe(true)
    expect(fates(run)).toMatchObject([takenOver, ['live', undefined]])
  })
})

test('a resource that a live worker created again survives the sweep of a dead worker', async () => {
  const run = await testRun()
  make(run, 'cut off')
  const other = await run.join()
  const scoped = other.openScope(undefined, { kind: 'test', file: 'b.test.ts', path: ['goes on'], attempt: 0 })
  scoped.run(() => track(row(run.store, 'user', 'carl')))
  const dead = run.folded().writers.find(({ role }) => role === 'worker')?.writer as string
  await using ledger = await openLedgerRun(run.main.ticket.settings, run.main.ticket, 'main')
  await ledger?.sweepOf(new Set([dead]))
  expect(run.store.rows.has('user carl')).toBe(true)
  expect(fates(run)).toMatchObject([takenOver, ['live', undefined]])
})

test.each(['its file', 'the run'])('only the later record of a key is due a day after the end of %s', async (end) => {
  const run = await testRun(conditional)
  await close(make(run, 'passes'))
  await close(make(run, 'fails'), 'failed')
  if (end === 'its file') await close(run.file, 'failed')
  await run.main.end('failed')
  expect(fates(run)).toMatchObject([takenOver, ['kept', expect.anything()]])
  time.now += day
  expect(orphansOf(run.main.ticket.settings, run.main.ticket.run)?.due).toEqual({ user: 1 })
})

test('an item is removed although a kept item of another order has the same key', async () => {
  const run = await testRun(conditional)
  const item = (order: number) => ({
    ...row(run.store, 'item', 1),
    remove: { table: `order ${order} item`, store: 'main' },
  })
  for (const [order, verdict] of [
    [7, 'passed'],
    [8, 'failed'],
  ] as const) {
    const scoped = run.openTest(`order ${order}`)
    scoped.run(() => track(item(order)))
    time.now += 1000
    await close(scoped, verdict)
  }
  await close(run.file, 'failed')
  expect(fates(run).map(([state]) => state)).toEqual(['removed', 'kept'])
})

test.each([
  ['is still running', false],
  ['keeps it', true],
])('a resource that another run has created again is not removed while that run %s', async (_, ends) => {
  const run = await testRun({ cleanup: { strategy: 'conditional' } })
  await close(make(run, 'first'), 'failed')
  await run.main.end('failed')
  const { settings } = run.main.ticket
  const later = beginRun(settings, 'test', {})
  await using session = await joinRun(later.ticket, { moduleHooks: false })
  const file = session.openScope(undefined, { kind: 'file', file: 'b.test.ts', attempt: 0 })
  const scoped = session.openScope(file, { kind: 'test', file: 'b.test.ts', path: ['second'], attempt: 0 })
  scoped.run(() => track(row(run.store, 'user', 'carl')))
  if (ends) {
    await close(scoped, 'failed')
    await close(file, 'failed')
    await later.end('failed')
  }
  await using ledger = await openLedgerRun(settings, { run: run.main.ticket.run, runner: 'test' }, 'cli')
  await ledger?.remove([...run.folded().resources.values()])
  expect(run.store.rows.has('user carl')).toBe(true)
  expect(fates(run)).toEqual([takenOver])
})
