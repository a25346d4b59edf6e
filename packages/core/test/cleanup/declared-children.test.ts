import { expect, test } from 'vitest'
import { DustpanError } from '../../src/errors/dustpan-error.ts'
import { openLedgerRun } from '../../src/recovery/ledger-run.ts'
import { track } from '../../src/tracking/facade.ts'
import type { Tracked } from '../../src/tracking/track.ts'
import { close, row, type TestRun, testRun } from '../run.ts'

const inTable = (type: string, when?: { environment: string }) => ({
  type,
  remove: { table: type, store: 'main', ...(when ? { when } : {}) },
})

function user({ store }: TestRun, id: number, children = [inTable('order'), inTable('session')]): Tracked {
  return track({ ...row(store, 'user', id), children })
}

const failing = (type: string) => (target: { type: string }) =>
  target.type === type
    ? { state: 'failed' as const, error: new DustpanError('DUSTPAN_REMOVAL_FAILED', 'no'), retry: false as const }
    : undefined

test('a parent is kept until its failed child has been removed, and other parents are removed', async () => {
  const run = await testRun()
  const { openTest, file, main, store, states } = run
  const scoped = openTest('t')
  for (const id of [1, 2]) for (const type of ['order', 'session']) row(store, type, id)
  scoped.run(() => [user(run, 1), user(run, 2)])
  store.script.answer = (target) => (target.key === 1 ? failing('order')(target) : undefined)
  const report = await close(scoped)
  expect(states()).toEqual({
    ...{ 'user 1': 'refused', 'order 1': 'failed', 'session 1': 'removed' },
    ...{ 'user 2': 'removed', 'order 2': 'removed', 'session 2': 'removed' },
  })
  expect(report?.scopes[0]?.resources.find(({ type, key }) => type === 'user' && key === '1')).toMatchObject({
    why: 'has-dependents',
    error: { code: 'DUSTPAN_HAS_DEPENDENTS', message: expect.stringContaining('its declared child order is failed') },
  })
  expect(store.rows.has('user 1')).toBe(true)
  store.script = {}
  await close(file)
  await main.end('passed')
  expect(states()).toMatchObject({ 'user 1': 'removed', 'order 1': 'removed' })
})

test('a parent is kept in every process when its child’s removal is lost', async () => {
  const run = await testRun()
  const { openTest, file, main, store, states } = run
  const scoped = openTest('t')
  const session = {
    type: 'session',
    remove: () => {
      throw new Error('no')
    },
  }
  scoped.run(() => track({ ...row(store, 'user', 1), children: [session] }))
  await close(scoped)
  await close(file)
  await main.end('passed')
  expect(states()).toEqual({ 'user 1': 'refused', 'session 1': 'lost' })
  expect(store.rows.has('user 1')).toBe(true)
})

test('a parent selected alone is not removed while its children exist', async () => {
  const run = await testRun({ cleanup: { strategy: 'manual' } })
  const { openTest, store, session, main, states } = run
  const scoped = openTest('t')
  row(store, 'order', 1)
  row(store, 'session', 1)
  scoped.run(() => user(run, 1))
  await close(scoped)
  const opened = await openLedgerRun(session.settings, main.ticket, 'cli')
  const chosen = [...(opened?.folded().resources.values() ?? [])]
  await opened?.remove(chosen.filter(({ set }) => set.type === 'user'))
  expect(states()).toEqual({ 'user 1': 'kept', 'order 1': 'kept', 'session 1': 'kept' })
  expect(store.rows.has('user 1')).toBe(true)
  await opened?.remove([...(opened?.folded().resources.values() ?? [])])
  await opened?.[Symbol.asyncDispose]()
  expect(states()).toEqual({ 'user 1': 'removed', 'order 1': 'removed', 'session 1': 'removed' })
})

test('a child that matched nothing warns once per type with DUSTPAN_CHILD_UNMATCHED', async () => {
  const run = await testRun()
  const { openTest, file, main, store } = run
  const scoped = openTest('t')
  row(store, 'session', 1)
  row(store, 'session', 2)
  scoped.run(() => [user(run, 1), user(run, 2)])
  await close(scoped)
  await close(file)
  const report = await main.end('passed')
  expect(report?.warnings.filter(({ code }) => code !== 'DUSTPAN_BATCH_ALREADY_GONE')).toEqual([
    {
      code: 'DUSTPAN_CHILD_UNMATCHED',
      message:
        'A user was removed, but its declared child order matched nothing (DELETE order …): if it had one, that child is still there.',
    },
  ])
})

test('a child whose removal does not apply here does not block its parent', async () => {
  const run = await testRun()
  const { openTest, file, main, store, states } = run
  const scoped = openTest('t')
  row(store, 'session', 1)
  scoped.run(() => user(run, 1, [inTable('session', { environment: 'staging' })]))
  await close(scoped)
  expect(states()).toEqual({ 'user 1': 'removed', 'session 1': 'kept' })
  await close(file)
  const report = await main.end('passed')
  expect(report?.totals).toMatchObject({ removed: 1, kept: 1 })
})
