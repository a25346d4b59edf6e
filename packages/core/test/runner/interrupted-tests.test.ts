import { expect, test } from 'vitest'
import { orphansOf } from '../../src/recovery/orphans.ts'
import { recoverRun } from '../../src/recovery/recover-run.ts'
import { track } from '../../src/tracking/facade.ts'
import { row, testRun } from '../run.ts'

const by = { role: 'cli', runner: 'test' } as const

test('resources of an interrupted test are recorded until its process ends: removed by the run, later ones orphans', async () => {
  const { session, main, openTest, store, states } = await testRun()
  const scope = openTest('goes on')
  const create = (id: number) => scope.run(() => track(row(store, 'user', id)))
  create(1)
  await session.interrupt()
  create(2)
  await session[Symbol.asyncDispose]()
  create(3)
  await main.end('interrupted')
  expect(states()).toEqual({ 'user 1': 'removed', 'user 2': 'removed', 'user 3': 'removed' })

  create(4)
  const { run, settings } = main.ticket
  expect(orphansOf(settings, run)).toMatchObject({ run: { ended: 'interrupted' }, due: { user: 1 } })
  await recoverRun(settings, run, by)
  expect(states()).toMatchObject({ 'user 4': 'removed' })
  expect(orphansOf(settings, run)).toBeUndefined()
  expect([...store.rows]).toEqual([])
})

test('a parent refused for a resource created after the interruption is removed with it', async () => {
  const { session, main, openTest, store, states } = await testRun()
  const scope = openTest('goes on')
  scope.run(() => track(row(store, 'user', 1)))
  const late = row(store, 'order', 1, 'user 1')
  await session.interrupt()
  await main.end('interrupted')
  expect(states()).toEqual({ 'user 1': 'refused' })

  scope.run(() => track(late))
  await recoverRun(main.ticket.settings, main.ticket.run, by)
  expect(states()).toEqual({ 'user 1': 'removed', 'order 1': 'removed' })
})

test('a resource created after the end of a kept test is kept', async () => {
  const { session, main, openTest, store, states } = await testRun({ cleanup: { strategy: 'conditional' } })
  const scope = openTest('failed')
  scope.run(() => track(row(store, 'user', 1)))
  await scope.close('failed', { willRetry: false })
  await session.interrupt()
  await main.end('interrupted')
  scope.run(() => track(row(store, 'user', 2)))
  await recoverRun(main.ticket.settings, main.ticket.run, by)
  expect(states()).toEqual({ 'user 1': 'kept', 'user 2': 'kept' })
})
