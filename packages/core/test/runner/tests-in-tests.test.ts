/** Nested tests. */
import { expect, test } from 'vitest'
import { track } from '../../src/tracking/facade.ts'
import { close, row, testRun } from '../run.ts'

test('a failed test keeps its resources even if a nested test failed', async () => {
  const { openTest, store, states } = await testRun({ cleanup: { strategy: 'conditional' } })
  const outer = openTest('outer')
  const inner = openTest('inner', { in: outer })
  outer.run(() => track(row(store, 'user', 1)))
  inner.run(() => track(row(store, 'order', 2)))
  await close(inner, 'failed')
  await close(outer, 'failed')
  expect(states()).toEqual({ 'user 1': 'kept', 'order 2': 'kept' })
})

test('a file does not keep its resources when only nested tests failed', async () => {
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

test('a resource created after the end of a nested test is removed or kept by its test’s result', async () => {
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
