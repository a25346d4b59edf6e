import { expect, test } from 'vitest'
import { track } from '../../src/tracking/facade.ts'
import { close, row, testRun } from '../run.ts'

test('a worker’s resource that a kept test needs is kept, and others are removed with the worker', async () => {
  const { session, store, states } = await testRun({ cleanup: { strategy: 'conditional' } })
  const worker = session.openScope(undefined, { kind: 'worker', attempt: 0 })
  const file = session.openScope(worker, { kind: 'file', file: 'a.test.ts', attempt: 0 })
  const failed = session.openScope(file, { kind: 'test', file: 'a.test.ts', path: ['fails'], attempt: 0 })
  const account = worker.run(() => track(row(store, 'account', 1)))
  worker.run(() => track(row(store, 'unused', 2)))
  file.run(() => track({ ...row(store, 'part', 3), lifetime: 'file' }))
  failed.run(() => track({ ...row(store, 'order', 4), dependsOn: [account.id] }))
  await close(failed, 'failed')
  await close(file, 'failed')
  await close(worker)
  expect(states()).toEqual({ 'account 1': 'kept', 'unused 2': 'removed', 'part 3': 'removed', 'order 4': 'kept' })
})

test('a kept resource of a failed file is not removed when its worker ends', async () => {
  const { session, store, states } = await testRun({ cleanup: { strategy: 'conditional' } })
  const worker = session.openScope(undefined, { kind: 'worker', attempt: 0 })
  const file = session.openScope(worker, { kind: 'file', file: 'a.test.ts', attempt: 0 })
  file.run(() => track({ ...row(store, 'part', 1), lifetime: 'file' }))
  worker.run(() => track(row(store, 'account', 2)))
  await close(file, 'failed')
  await close(worker)
  expect(states()).toEqual({ 'part 1': 'kept', 'account 2': 'removed' })
})

test('a file’s resource with a longer lifetime is not removed with the worker', async () => {
  const { session, store, states } = await testRun()
  const worker = session.openScope(undefined, { kind: 'worker', attempt: 0 })
  const file = session.openScope(worker, { kind: 'file', file: 'a.test.ts', attempt: 0 })
  file.run(() => {
    track({ ...row(store, 'report', 1), lifetime: 'run' })
    track({ ...row(store, 'tenant', 2), lifetime: 'persistent' })
    track({ ...row(store, 'queue', 3), lifetime: 'worker' })
    track(row(store, 'part', 4))
  })
  await close(file)
  await close(worker)
  expect(states()).toEqual({ 'report 1': 'live', 'tenant 2': 'live', 'queue 3': 'live', 'part 4': 'removed' })
})
