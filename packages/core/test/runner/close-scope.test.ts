import { existsSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { DustpanError } from '../../src/errors/dustpan-error.ts'
import { scope, track } from '../../src/tracking/facade.ts'
import { close, row, testRun } from '../run.ts'

const conditional = { cleanup: { strategy: 'conditional' } } as const

test('a test that creates nothing yields no report and no file', async () => {
  const { openTest, file, dir, main } = await testRun()
  for (let i = 0; i < 3; i++) expect(await close(openTest(`t${i}`), 'failed')).toBeUndefined()
  expect(await close(file, 'failed')).toBeUndefined()
  expect(await main.end('failed')).toBeUndefined()
  expect(existsSync(dir)).toBe(false)
})

test('a resource that a kept resource depends on is kept at the end of the file', async () => {
  const { openTest, file, store, states } = await testRun(conditional)
  const team = file.run(() => track(row(store, 'team', 1)))
  file.run(() => track(row(store, 'team', 2)))
  const scoped = openTest('t')
  scoped.run(() => {
    const user = track({ ...row(store, 'user', 1), dependsOn: team })
    track({ ...row(store, 'order', 1), dependsOn: user })
  })
  await close(scoped, 'failed')
  await close(file, 'failed')
  expect(states()).toEqual({ 'team 1': 'kept', 'team 2': 'removed', 'user 1': 'kept', 'order 1': 'kept' })
})

test('a parent that only the store knows of is kept with its kept child', async () => {
  const { openTest, file, store, states } = await testRun(conditional)
  file.run(() => track(row(store, 'team', 1)))
  const scoped = openTest('t')
  scoped.run(() => track(row(store, 'user', 1, 'team 1')))
  await close(scoped, 'failed')
  await close(file, 'failed')
  expect(states()).toEqual({ 'team 1': 'kept', 'user 1': 'kept' })
})

test.each<[string, 'passed' | 'failed', 'passed' | 'failed', string]>([
  ['removed when a test in it failed', 'failed', 'failed', 'removed'],
  ['kept when its own hook failed', 'passed', 'failed', 'kept'],
  ['removed when nothing failed', 'passed', 'passed', 'removed'],
])('a resource of the file is %s', async (_, ofTest, ofFile, expected) => {
  const { openTest, file, store, states } = await testRun(conditional)
  file.run(() => track(row(store, 'team', 1)))
  await close(openTest('creates nothing'), ofTest)
  await close(file, ofFile)
  expect(states()).toEqual({ 'team 1': expected })
})

test('an attempt that is retried does not make its file fail', async () => {
  const { openTest, file, store, states } = await testRun(conditional)
  file.run(() => track(row(store, 'team', 1)))
  await close(openTest('t'), 'failed', { willRetry: true })
  await close(openTest('t', { attempt: 1 }), 'passed')
  await close(file, 'failed')
  expect(states()).toEqual({ 'team 1': 'kept' })
})

test.each([true, 'unknown'] as const)(
  'only the last of several failed attempts is kept (willRetry: %s)',
  async (willRetry) => {
    const { openTest, store, states } = await testRun(conditional)
    for (const attempt of [0, 1, 2]) {
      const scoped = openTest('t', { attempt, runnerId: 'id' })
      await scoped.ready()
      scoped.run(() => track(row(store, 'user', attempt)))
      await close(scoped, 'failed', { willRetry: attempt === 2 ? false : willRetry })
    }
    expect(states()).toEqual({ 'user 0': 'removed', 'user 1': 'removed', 'user 2': 'kept' })
  },
)

test('a failed test’s data is not removed when another test of the same name is retried', async () => {
  const { openTest, store, states } = await testRun(conditional)
  const first = openTest('t', { runnerId: 'first' })
  first.run(() => track(row(store, 'user', 1)))
  await close(first, 'failed', { willRetry: 'unknown' })
  await close(openTest('t', { runnerId: 'second' }), 'failed', { willRetry: 'unknown' })
  await openTest('t', { runnerId: 'second', attempt: 1 }).ready()
  expect(states()).toEqual({ 'user 1': 'kept' })
})

test.each([
  [{ cleanup: { autoCleanup: false } }, {}],
  [{}, { DUSTPAN_KEEP: 'all' }],
] as const)(
  'data of earlier attempts is not removed while automatic cleanup is off: %j %j',
  async (config, environment) => {
    const { openTest, store, states } = await testRun(config, environment)
    const first = openTest('t')
    first.run(() => track(row(store, 'user', 1)))
    await close(first, 'failed', { willRetry: 'unknown' })
    await openTest('t', { attempt: 1 }).ready()
    expect(states()).toEqual({ 'user 1': 'kept' })
  },
)

test.each([
  ['also created before its end', true],
  ['created nothing before its end', false],
])('a resource created after the end of a test that %s is removed at the end of its file', async (_, before) => {
  const { openTest, file, store, states } = await testRun()
  const scoped = openTest('t')
  let late = Promise.resolve()
  scoped.run(() => {
    if (before) track(row(store, 'user', 1))
    late = setImmediate().then(() => void track(row(store, 'user', 2)))
  })
  await close(scoped)
  await late
  expect(store.rows.has('user 2')).toBe(true)
  await close(file)
  expect(store.rows.size).toBe(0)
  expect(states()).toMatchObject({ 'user 2': 'removed' })
})

test('a resource created after the end of a kept test is kept at the end of the run', async () => {
  const { openTest, file, main, store, states } = await testRun(conditional)
  const scoped = openTest('t')
  await close(scoped, 'failed')
  scoped.run(() => track(row(store, 'user', 1)))
  await close(file, 'failed')
  await main.end('failed')
  expect(states()).toEqual({ 'user 1': 'kept' })
})

test('a resource created after the end of its file is removed or kept by the result of its test', async () => {
  const { openTest, file, main, store, states } = await testRun(conditional)
  const [passed, failed] = [openTest('passed'), openTest('failed')]
  await close(passed)
  await close(failed, 'failed')
  await close(file, 'failed')
  passed.run(() => track(row(store, 'user', 1)))
  failed.run(() => track(row(store, 'user', 2)))
  await main.end('failed')
  expect(states()).toEqual({ 'user 1': 'removed', 'user 2': 'kept' })
})

test.each<['test' | 'file' | 'worker' | 'run' | 'persistent', string[]]>([
  ['test', ['removed', 'removed', 'removed']],
  ['file', ['live', 'removed', 'removed']],
  ['worker', ['live', 'live', 'removed']],
  ['run', ['live', 'live', 'removed']],
  ['persistent', ['live', 'live', 'live']],
])('lifetime %s: state after the test, the file and the run', async (lifetime, expected) => {
  const { openTest, file, main, store, states } = await testRun()
  const scoped = openTest('t')
  scoped.run(() => track({ ...row(store, 'user', 1), lifetime }))
  const seen: (string | undefined)[] = []
  for (const end of [() => close(scoped), () => close(file), () => main.end('passed')]) {
    await end()
    seen.push(states()['user 1'])
  }
  expect(seen).toEqual(expected)
})

test('the configured lifetime applies to a resource without one', async () => {
  const { openTest, file, store } = await testRun({ lifetime: 'file' })
  const scoped = openTest('t')
  scoped.run(() => track(row(store, 'user', 1)))
  await close(scoped)
  expect(store.rows.size).toBe(1)
  await close(file)
  expect(store.rows.size).toBe(0)
})

test('shared resources are tracked and not removed', async () => {
  const { openTest, file, main, store } = await testRun()
  const scoped = openTest('t')
  scoped.run(() => {
    track({ ...row(store, 'user', 1), shared: true })
    track({ type: 'tenant', id: 1, shared: true })
  })
  await close(scoped)
  await close(file)
  expect((await main.end('passed'))?.totals).toMatchObject({ shared: 2, tracked: 2, removed: 0 })
  expect(store.rows.size).toBe(1)
})

test('an expired resource is removed even if its test’s data is kept or its lifetime is longer', async () => {
  const { openTest, main, store, states } = await testRun(conditional)
  const scoped = openTest('t')
  scoped.run(() => {
    track({ ...row(store, 'user', 1), expiresIn: 0 })
    track({ ...row(store, 'user', 2), expiresIn: '1h' })
    track({ ...row(store, 'user', 3), expiresIn: 0, lifetime: 'persistent' })
    track({ ...row(store, 'user', 4), expiresIn: '30d', lifetime: 'persistent' })
  })
  await close(scoped, 'failed')
  expect(states()).toEqual({ 'user 1': 'removed', 'user 2': 'kept', 'user 3': 'live', 'user 4': 'live' })
  await main.end('failed')
  expect(states()).toEqual({ 'user 1': 'removed', 'user 2': 'kept', 'user 3': 'removed', 'user 4': 'live' })
})

test('a removal that exceeds the deadline is pending, with a DUSTPAN_BUDGET_EXCEEDED warning', async () => {
  const { openTest, store } = await testRun()
  const scoped = openTest('t')
  scoped.run(() => track(row(store, 'user', 1)))
  store.script.remove = () => new Promise(() => {})
  const report = await close(scoped, 'passed', { deadlineMs: 20 })
  expect(report?.totals.pending).toBe(1)
  expect(report?.warnings).toEqual([expect.objectContaining({ code: 'DUSTPAN_BUDGET_EXCEEDED' })])
})

test('close() never rejects; failIfAsked() throws DUSTPAN_CLEANUP_FAILED only with onCleanupFailure: fail', async () => {
  for (const onCleanupFailure of ['warn', 'fail'] as const) {
    const { openTest, session, store } = await testRun({ cleanup: { onCleanupFailure } })
    const scoped = openTest('t')
    scoped.run(() => track(row(store, 'user', 1)))
    store.script.answer = () => ({
      state: 'failed',
      error: new DustpanError('DUSTPAN_REMOVAL_FAILED', 'it would not'),
      retry: false,
    })
    const report = await close(scoped)
    const fail = () => session.failIfAsked(report)
    if (onCleanupFailure === 'warn') expect(fail).not.toThrow()
    else
      expect(fail).toThrow(
        expect.objectContaining({
          code: 'DUSTPAN_CLEANUP_FAILED',
          message: expect.stringContaining('user 1 failed: it would not'),
        }),
      )
    expect(() => session.failIfAsked(undefined)).not.toThrow()
  }
})

test('the report of a test lists only its own resources, each with its source line', async () => {
  const { openTest, store } = await testRun()
  const [one, other] = [openTest('one'), openTest('other')]
  other.run(() => track(row(store, 'user', 9)))
  one.run(() => track(row(store, 'user', 1)))
  const report = await close(one)
  expect(report).toMatchObject({ schema: 'dustpan.report/1', of: 'scope', totals: { tracked: 1, removed: 1 } })
  expect(report?.scopes).toMatchObject([
    {
      ...{ path: ['one'], verdict: 'passed', decision: 'remove', why: 'strategy immediate' },
      resources: [{ key: '1', removal: 'DELETE user 1', source: expect.stringMatching(/close-scope\.test\.ts:\d+$/) }],
    },
  ])
})

test('the report of a test with strategy: delayed says when its data is removed', async () => {
  const { openTest, store } = await testRun({ cleanup: { strategy: 'delayed' } })
  const scope = openTest('one')
  scope.run(() => track(row(store, 'user', 1)))
  const report = await close(scope)
  expect(report?.scopes).toMatchObject([
    { decision: 'keep', why: 'strategy delayed', delayed: true, keptUntil: expect.any(String), resources: [{}] },
  ])
})

test('concurrent runs with equal test names each remove only their own resources', async () => {
  const runs = await Promise.all([testRun(), testRun()])
  const [a, b] = runs as [(typeof runs)[0], (typeof runs)[0]]
  const scopes = [a.openTest('t'), b.openTest('t')]
  // The process instance belongs to the run that joined last.
  scopes[1]?.run(() => track(row(b.store, 'user', 1)))
  row(a.store, 'user', 1)
  await Promise.all(scopes.map((scoped) => close(scoped)))
  expect([a.store.rows.size, b.store.rows.size]).toEqual([1, 0])
  expect(a.main.ticket.run).not.toBe(b.main.ticket.run)
})

test('scopes that create nothing are not held in memory', async () => {
  const { openTest, file, store } = await testRun()
  const children = (file as unknown as { scope: { children: unknown[] } }).scope.children
  for (let i = 0; i < 100; i++) await close(openTest(`t${i}`), 'failed', { willRetry: 'unknown' })
  expect(children).toEqual([])
  const scoped = openTest('creates')
  scoped.run(() => track(row(store, 'user', 1)))
  expect(children).toHaveLength(1)
  expect(scoped.run(() => scope().created())).toHaveLength(1)
})

test('a removal function is released once it has succeeded, with all that it references', async () => {
  const { openTest } = await testRun()
  const scoped = openTest('t')
  const functions = [() => undefined, () => Promise.reject(new Error('no'))].map((remove, id) => {
    const reference = () => remove()
    scoped.run(() => track({ type: 'thing', id, remove: reference }))
    return new WeakRef(reference)
  })
  await close(scoped)
  await collectGarbage()
  expect(functions.map((reference) => reference.deref() !== undefined)).toEqual([false, true])
})

async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc')
  await setImmediate()
  runInNewContext('gc')()
}

describe('tests running at the same time', () => {
  test('a resource that another test has created again under the same key is not removed', async () => {
    const { openTest, store, states } = await testRun(conditional)
    const [first, second] = [openTest('first'), openTest('second')]
    first.run(() => track(row(store, 'job', 1)))
    second.run(() => track(row(store, 'job', 1)))
    await close(first)
    expect(store.rows.has('job 1')).toBe(true)
    await close(second, 'failed')
    expect([store.rows.has('job 1'), states()]).toEqual([true, { 'job 1': 'kept' }])
  })

  test('a resource that a finished test keeps under the same key is not removed', async () => {
    const { openTest, store } = await testRun(conditional)
    const [first, second] = [openTest('first'), openTest('second')]
    first.run(() => track(row(store, 'job', 1)))
    second.run(() => track(row(store, 'job', 1)))
    await close(second, 'failed')
    await close(first)
    expect(store.rows.has('job 1')).toBe(true)
  })

  test('a resource that another test created under another key does not block a removal', async () => {
    const { openTest, store } = await testRun(conditional)
    const [first, second] = [openTest('first'), openTest('second')]
    first.run(() => track(row(store, 'job', 1)))
    second.run(() => track(row(store, 'job', 2)))
    await close(first)
    expect([...store.rows.keys()]).toEqual(['job 2'])
  })

  test('only the key that another test created again is left out of a removal', async () => {
    const { openTest, store, states } = await testRun(conditional)
    const [first, second] = [openTest('first'), openTest('second')]
    for (const id of [1, 2, 3]) first.run(() => track(row(store, 'job', id)))
    second.run(() => track(row(store, 'job', 2)))
    await close(first)
    expect([...store.rows.keys()]).toEqual(['job 2'])
    await close(second, 'failed')
    expect(states()).toMatchObject({ 'job 1': 'removed', 'job 2': 'kept', 'job 3': 'removed' })
  })
})
