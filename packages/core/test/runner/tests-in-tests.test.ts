/** A test may have tests in it. */
import { expect, test } from 'vitest'
import { track } from '../../src/tracking/facade.ts'
import { close, row, testRun } from '../run.ts'

test('a test that failed by itself keeps its things, also when a test in it failed', async () => {
  const { openTest, store, states } = await testRun({ cleanup: { strategy: 'conditional' } })
  const outer = openTest('outer')
  const inner = openTest('inner', { in: outer })
  outer.run(() => track(row(store, 'user', 1)))
  inner.run(() => track(row(store, 'order', 2)))
  await close(inner, 'failed')
  await close(outer, 'failed')
  expect(states()).toEqual({ 'user 1': 'kept', 'order 2': 'kept' })
})

test('a file whose tests failed inside of others keeps none of its own', async () => {
  const { file, openTest, store, states } = await testRun({ cleanup: { strategy: 'conditional' } })
  const outer = openTest('outer')
  const inner = openTest('inner', { in: outer })
  file.run(() => track(row(store, 'user', 1)))
  inner.run(() => track(row(store, 'order', 2)))
  await close(inner, 'failed')
  await close(outer)
  await close(file, 'failed')
  expect(states()).toEqual({ 'user 1': 'removed', 'order 2': 'kept' })
})

test('what they create late goes at the end of the file, or is kept as they are', async () => {
  const { file, openTest, store, states } = await testRun({ cleanup: { strategy: 'conditional' } })
  const outer = openTest('outer')
  const passed = openTest('passed', { in: outer })
  const failed = openTest('failed', { in: outer })
  await close(passed)
  await close(failed, 'failed')
  await close(outer)
  passed.run(() => track(row(store, 'user', 1)))
  failed.run(() => track(row(store, 'order', 2)))
  await close(file, 'failed')
  expect(states()).toEqual({ 'user 1': 'removed', 'order 2': 'kept' })
})
