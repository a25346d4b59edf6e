import { describe, expect, test } from 'vitest'
import { DustpanError } from '../../src/errors/dustpan-error.ts'
import { leftBehind } from '../../src/report/left-behind.ts'
import type { ResourceSet } from '../../src/resource/resource.ts'
import { waitsForItsFile } from '../../src/runner/deferred.ts'
import { scope, track } from '../../src/tracking/facade.ts'
import { newScope } from '../../src/tracking/scope.ts'
import { pipeline } from '../pipeline.ts'
import { close, row, type TestRun, testRun } from '../run.ts'
import { removal, scriptedStore } from '../scripted-store.ts'
import { quickSettings } from '../settings.ts'

const deferred = { cleanup: { when: 'after-file' } } as const
const conditional = { cleanup: { when: 'after-file', strategy: 'conditional' } } as const

/** A test that makes a user for each id. */
function open({ openTest, store }: TestRun, title: string, ...ids: readonly (string | number)[]) {
  const scoped = openTest(title)
  for (const id of ids) scoped.run(() => track(row(store, 'user', id)))
  return scoped
}

const removals = ({ store }: TestRun): readonly string[] => store.calls.filter((call) => call.startsWith('remove'))

test('what the tests of a file created goes in one call, when the file is over', async () => {
  const run = await testRun(deferred)
  for (const id of [1, 2, 3]) await close(open(run, `t${id}`, id))
  expect(run.store.calls).toEqual([])
  await close(run.file)
  expect(removals(run)).toEqual(['remove user 3, user 2, user 1'])
  expect(run.states()).toEqual({ 'user 1': 'removed', 'user 2': 'removed', 'user 3': 'removed' })
})

test("a test's own report tells what waits, and nothing of it is left behind", async () => {
  const run = await testRun(deferred)
  const report = await close(open(run, 't', 1), 'failed')
  expect(report?.totals.pending).toBe(1)
  expect(report?.scopes[0]?.resources).toMatchObject([{ key: '1', state: 'pending', why: 'deferred' }])
  expect(report && leftBehind(report)).toBeUndefined()
})

test('each test decides by how it ended, and that is on record at once', async () => {
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

test("a file's own things go after those of its tests that hang on them", async () => {
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
  'what an attempt left is gone before the next one begins (willRetry: %s)',
  async (willRetry) => {
    const run = await testRun(deferred)
    const report = await close(open(run, 't', 1), 'failed', { willRetry })
    expect(report?.totals.removed).toBe(1)
    expect(run.store.rows.size).toBe(0)
  },
)

describe('what cannot wait', () => {
  test('a function is called when its test is over, in its order among the other things of that test', async () => {
    const run = await testRun(deferred)
    await close(open(run, 'waits', 1))
    const scoped = open(run, 't', 2)
    scoped.run(() => track({ type: 'thing', id: 1, remove: () => void run.store.calls.push('call') }))
    await close(scoped)
    expect(run.store.calls.filter((call) => call !== 'connect')).toEqual(['call', 'remove user 2'])
  })

  test('a function as fallback is still to be had when it is wanted', async () => {
    const run = await testRun(deferred)
    const scoped = run.openTest('t')
    scoped.run(() => track({ ...row(run.store, 'user', 1), fallback: [() => {}] }))
    await close(scoped)
    expect(run.states()).toEqual({ 'user 1': 'removed' })
  })

  test.each<[string, Partial<ResourceSet>]>([
    ['what is in a store of this process', { store: { driver: 'main', id: 'memory', bound: 'w' } }],
    [
      'what is removed by way of one',
      { steps: [{ ...removal('user'), store: { driver: 'http', id: 'app', bound: 'w' } }] },
    ],
    ['what a test changed: the next one is to see what was there', { changed: true }],
  ])('%s', (_, set) => {
    const { create } = pipeline(scriptedStore())
    const settings = quickSettings(deferred)
    const scoped = newScope('s', { kind: 'test', attempt: 0 }, undefined)
    const ending = { verdict: 'passed', decision: 'remove', why: '' } as const
    expect(waitsForItsFile(settings, scoped, ending, [create('user', 1)])).toBe(true)
    expect(waitsForItsFile(settings, scoped, ending, [create('user', 2), create('user', 3, set)])).toBe(false)
  })
})

test('a single test is cleaned up at once, or later, when it says so', async () => {
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

describe('nothing is lost', () => {
  test('a process that dies before its file is over has left it to the end of the run', async () => {
    const run = await testRun(deferred)
    await close(open(run, 't', 1, 2))
    const report = await run.main.end('failed')
    expect(report?.totals).toMatchObject({ removed: 2, pending: 0 })
    expect(run.store.rows.size).toBe(0)
  })

  test('what the time was too short for goes at the end of the run', async () => {
    const run = await testRun(deferred)
    await close(open(run, 't', 1, 2))
    const report = await close(run.file, 'passed', { deadlineMs: 0 })
    expect(report?.totals.pending).toBe(2)
    expect((await run.main.end('passed'))?.totals).toMatchObject({ removed: 2, pending: 0 })
  })

  test('interrupted, everything goes in one call', async () => {
    const run = await testRun(deferred)
    await close(open(run, 'over', 1))
    open(run, 'under way', 2)
    await run.session.interrupt()
    expect(removals(run)).toEqual(['remove user 2, user 1'])
  })
})

test('what has expired goes at once, though its test is kept', async () => {
  const run = await testRun(conditional)
  const scoped = run.openTest('t')
  scoped.run(() => track({ ...row(run.store, 'user', 1), expiresIn: 0 }))
  await close(scoped, 'failed')
  expect(run.states()).toEqual({ 'user 1': 'removed' })
})

test.each(['its file', 'the run'])(
  'where a later test has made the same key again and is kept, that is what stays at the end of %s',
  async (end) => {
    const run = await testRun(conditional)
    await close(open(run, 'passes', 'carl'))
    await close(open(run, 'fails', 'carl'), 'failed')
    if (end === 'its file') await close(run.file, 'failed')
    await run.main.end('failed')
    expect(run.store.rows.has('user carl')).toBe(true)
  },
)

test('a removal that fails fails the file, no longer the test', async () => {
  const run = await testRun({ cleanup: { when: 'after-file', onCleanupFailure: 'fail' } })
  const error = new DustpanError('DUSTPAN_REMOVAL_FAILED', 'it would not')
  run.store.script.answer = () => ({ state: 'failed', error, retry: false })
  const ofTest = await close(open(run, 't', 1))
  expect(() => run.session.failIfAsked(ofTest)).not.toThrow()
  const ofFile = await close(run.file)
  expect(() => run.session.failIfAsked(ofFile)).toThrow('user 1 failed: it would not')
})
