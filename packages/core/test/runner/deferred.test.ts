import { describe, expect, test } from 'vitest'
import { DustpanError } from '../../src/errors/dustpan-error.ts'
import { leftBehind } from '../../src/report/left-behind.ts'
import type { ResourceSet } from '../../src/resource/resource.ts'
import { waitsForFile } from '../../src/runner/deferred.ts'
import { scope, track } from '../../src/tracking/facade.ts'
import { newScope } from '../../src/tracking/scope.ts'
import { pipeline } from '../pipeline.ts'
import { close, row, type TestRun, testRun } from '../run.ts'
import { removal, scriptedStore } from '../scripted-store.ts'
import { quickSettings } from '../settings.ts'

const deferred = { cleanup: { when: 'after-file' } } as const
const conditional = { cleanup: { when: 'after-file', strategy: 'conditional' } } as const

/** Runs a test that creates a user for each id. */
function open({ openTest, store }: TestRun, title: string, ...ids: readonly (string | number)[]) {
  const scoped = openTest(title)
  for (const id of ids) scoped.run(() => track(row(store, 'user', id)))
  return scoped
}

const removals = ({ store }: TestRun): readonly string[] => store.calls.filter((call) => call.startsWith('remove'))

test('resources of a file’s tests are removed in one call when the file ends', async () => {
  const run = await testRun(deferred)
  for (const id of [1, 2, 3]) await close(open(run, `t${id}`, id))
  expect(run.store.calls).toEqual([])
  await close(run.file)
  expect(removals(run)).toEqual(['remove user 3, user 2, user 1'])
  expect(run.states()).toEqual({ 'user 1': 'removed', 'user 2': 'removed', 'user 3': 'removed' })
})

test('the report of a test lists its resources as pending, and none as left behind', async () => {
  const run = await testRun(deferred)
  const report = await close(open(run, 't', 1), 'failed')
  expect(report?.totals.pending).toBe(1)
  expect(report?.scopes[0]?.resources).toMatchObject([{ key: '1', state: 'pending', why: 'deferred' }])
  expect(report && leftBehind(report)).toBeUndefined()
})

test('each test’s decision follows its own result and is recorded at once', async () => {
  const run = await testRun(conditional)
  await close(open(run, 'passes', 1))
  await close(open(run, 'fails', 2), 'failed')
  const decisions = [...run.folded().scopes.values()].map(({ path, decision }) => [path?.[0], decision])
  expect(decisions).toEqual(
    expect.arrayContaining([
      ['passes', 'remove'],
      ['fails', 'keep'],
    ]),
  )
  await close(run.file, 'failed')
  expect(run.states()).toEqual({ 'user 1': 'removed', 'user 2': 'kept' })
})

test('a resource of the file is removed after those of its tests that depend on it', async () => {
  const run = await testRun(deferred)
  run.file.run(() => track(row(run.store, 'team', 1)))
  const scoped = run.openTest('t')
  scoped.run(() => track(row(run.store, 'user', 1, 'team 1')))
  await close(scoped)
  await close(run.file)
  expect(removals(run)).toEqual(['remove user 1, team 1'])
  expect(run.store.rows.size).toBe(0)
})

test.each([true, 'unknown'] as const)(
  'resources of an attempt are removed before the next attempt begins (willRetry: %s)',
  async (willRetry) => {
    const run = await testRun(deferred)
    const report = await close(open(run, 't', 1), 'failed', { willRetry })
    expect(report?.totals.removed).toBe(1)
    expect(run.store.rows.size).toBe(0)
  },
)

describe('removal that cannot be deferred', () => {
  test('a removal function runs at the end of its test, in order with the test’s other resources', async () => {
    const run = await testRun(deferred)
    await close(open(run, 'waits', 1))
    const scoped = open(run, 't', 2)
    scoped.run(() => track({ type: 'thing', id: 1, remove: () => void run.store.calls.push('call') }))
    await close(scoped)
    expect(run.store.calls.filter((call) => call !== 'connect')).toEqual(['call', 'remove user 2'])
  })

  test('a resource with a function as fallback is removed at the end of its test', async () => {
    const run = await testRun(deferred)
    const scoped = run.openTest('t')
    scoped.run(() => track({ ...row(run.store, 'user', 1), fallback: [() => {}] }))
    await close(scoped)
    expect(run.states()).toEqual({ 'user 1': 'removed' })
  })

  test.each<[string, Partial<ResourceSet>]>([
    ['a resource in a store of this process', { store: { driver: 'main', id: 'memory', bound: 'w' } }],
    [
      'a resource removed through a store of this process',
      { steps: [{ ...removal('user'), store: { driver: 'http', id: 'app', bound: 'w' } }] },
    ],
    ['a changed resource that the next test must see as it was', { changed: true }],
  ])('includes %s', (_, set) => {
    const { create } = pipeline(scriptedStore())
    const settings = quickSettings(deferred)
    const scoped = newScope('s', { kind: 'test', attempt: 0 }, undefined)
    const ending = { verdict: 'passed', decision: 'remove', why: '' } as const
    expect(waitsForFile(settings, scoped, ending, [create('user', 1)])).toBe(true)
    expect(waitsForFile(settings, scoped, ending, [create('user', 2), create('user', 3, set)])).toBe(false)
  })
})

test('scope().policy() can override `when` for a single test', async () => {
  const run = await testRun(deferred)
  const scoped = open(run, 't', 1)
  scoped.run(() => scope().policy({ when: 'after-test' }))
  await close(scoped)
  expect(run.states()).toEqual({ 'user 1': 'removed' })

  const other = await testRun()
  const waiting = open(other, 't', 1)
  waiting.run(() => scope().policy({ when: 'after-file' }))
  await close(waiting)
  expect(other.store.rows.size).toBe(1)
  expect(() => waiting.run(() => scope().policy({ when: 'later' as never }))).toThrow('after-test | after-file')
})

describe('deferred removal loses nothing', () => {
  test('resources of a process that dies before its file ends are removed at the end of the run', async () => {
    const run = await testRun(deferred)
    await close(open(run, 't', 1, 2))
    const report = await run.main.end('failed')
    expect(report?.totals).toMatchObject({ removed: 2, pending: 0 })
    expect(run.store.rows.size).toBe(0)
  })

  test('resources that the deadline cut off are removed at the end of the run', async () => {
    const run = await testRun(deferred)
    await close(open(run, 't', 1, 2))
    const report = await close(run.file, 'passed', { deadlineMs: 0 })
    expect(report?.totals.pending).toBe(2)
    expect((await run.main.end('passed'))?.totals).toMatchObject({ removed: 2, pending: 0 })
  })

  test('an interruption removes everything in one call', async () => {
    const run = await testRun(deferred)
    await close(open(run, 'over', 1))
    open(run, 'under way', 2)
    await run.session.interrupt()
    expect(removals(run)).toEqual(['remove user 2, user 1'])
  })
})

test('an expired resource is removed at once even if its test is kept', async () => {
  const run = await testRun(conditional)
  const scoped = run.openTest('t')
  scoped.run(() => track({ ...row(run.store, 'user', 1), expiresIn: 0 }))
  await close(scoped, 'failed')
  expect(run.states()).toEqual({ 'user 1': 'removed' })
})

test.each(['its file', 'the run'])(
  'a key that a later, kept test created again is kept at the end of %s',
  async (end) => {
    const run = await testRun(conditional)
    await close(open(run, 'passes', 'carl'))
    await close(open(run, 'fails', 'carl'), 'failed')
    if (end === 'its file') await close(run.file, 'failed')
    await run.main.end('failed')
    expect(run.store.rows.has('user carl')).toBe(true)
  },
)

test('a failed removal fails the file instead of the test', async () => {
  const run = await testRun({ cleanup: { when: 'after-file', onCleanupFailure: 'fail' } })
  const error = new DustpanError('DUSTPAN_REMOVAL_FAILED', 'it would not')
  run.store.script.answer = () => ({ state: 'failed', error, retry: false })
  const ofTest = await close(open(run, 't', 1))
  expect(() => run.session.failIfAsked(ofTest)).not.toThrow()
  const ofFile = await close(run.file)
  expect(() => run.session.failIfAsked(ofFile)).toThrow('user 1 failed: it would not')
})
