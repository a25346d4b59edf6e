import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DustpanError } from '../../src/errors/dustpan-error.ts'
import { openLedgerRun } from '../../src/recovery/ledger-run.ts'
import type { RemovalOutcome } from '../../src/resource/target.ts'
import { scope, track } from '../../src/tracking/facade.ts'
import { close, row, statesOf, testRun } from '../run.ts'

const mocked: RemovalOutcome = {
  state: 'failed',
  error: new DustpanError('DUSTPAN_REMOVAL_MOCKED', 'nock answered'),
  retry: false,
}

test('openLedgerRun() is undefined for a run that tracked nothing', async () => {
  const { session, main } = await testRun()
  expect(await openLedgerRun(session.settings, main.ticket, 'cli')).toBeUndefined()
})

test('a removal that was mocked in the worker is repeated by the main process', async () => {
  const { openTest, file, main, store, states } = await testRun()
  const scoped = openTest('t')
  scoped.run(() => track(row(store, 'user', 1)))
  store.script.answer = () => mocked
  expect((await close(scoped))?.scopes[0]?.resources[0]).toMatchObject({
    state: 'failed',
    error: { code: 'DUSTPAN_REMOVAL_MOCKED' },
  })
  await close(file)
  store.script = {}
  const report = await main.end('passed')
  expect(report?.totals).toMatchObject({ removed: 1, failed: 0 })
  expect(states()).toEqual({ 'user 1': 'removed' })
})

test('a removal function of a dead worker is lost with DUSTPAN_LOST_CLOSURE', async () => {
  const { openTest, main } = await testRun()
  openTest('t').run(() => track({ type: 'thing', id: 1, remove: () => undefined }))
  const report = await main.end('passed')
  expect(report?.totals.lost).toBe(1)
  expect(report?.scopes.flatMap(({ resources }) => resources)[0]?.error?.code).toBe('DUSTPAN_LOST_CLOSURE')
})

test.each<['passed' | 'interrupted', object, string]>([
  ['passed', {}, 'removed'],
  ['passed', { strategy: 'conditional' }, 'kept'],
  ['interrupted', { strategy: 'conditional' }, 'removed'],
  ['passed', { strategy: 'manual' }, 'kept'],
  ['interrupted', { strategy: 'manual' }, 'kept'],
])('a test whose process died in a run that %s, with %j: %s', async (verdict, cleanup, expected) => {
  const { openTest, main, store, states } = await testRun({ cleanup })
  openTest('t').run(() => track(row(store, 'user', 1)))
  await main.end(verdict)
  expect(states()).toEqual({ 'user 1': expected })
})

test.each([
  ['before', { strategy: 'manual' }, 'kept'],
  ['after', { strategy: 'conditional' }, 'kept'],
  ['after', { strategy: 'conditional', onFailure: true }, 'removed'],
] as const)(
  'a test whose process died follows its own policy, set %s its creation: %j',
  async (when, policy, expected) => {
    const { openTest, main, store, states } = await testRun()
    openTest('t').run(() => {
      if (when === 'before') scope().policy(policy)
      track(row(store, 'user', 1))
      if (when === 'after') scope().policy(policy)
    })
    const report = await main.end('passed')
    expect(states()).toEqual({ 'user 1': expected })
    expect(report?.scopes[0]).not.toHaveProperty('policy')
  },
)

test('a resource with lifetime: file is removed by the file’s result, not by its test’s', async () => {
  const { openTest, file, main, store, states } = await testRun({ cleanup: { strategy: 'conditional' } })
  const scoped = openTest('t')
  scoped.run(() => track({ ...row(store, 'user', 1), lifetime: 'file' }))
  store.script.answer = () => mocked
  await close(scoped, 'failed')
  await close(file, 'failed')
  store.script = {}
  await main.end('failed')
  expect(states()).toEqual({ 'user 1': 'removed' })
})

test('a dependency of a kept resource is kept across workers', async () => {
  const { openTest, file, main, store, states } = await testRun({ cleanup: { strategy: 'conditional' } })
  const tenant = file.run(() => track({ ...row(store, 'tenant', 1), lifetime: 'run' }))
  file.run(() => track({ ...row(store, 'tenant', 2), lifetime: 'run' }))
  file.run(() => track({ ...row(store, 'account', 1), lifetime: 'run' }))
  const scoped = openTest('t')
  scoped.run(() => {
    track({ ...row(store, 'user', 1), dependsOn: tenant })
    track(row(store, 'user', 2, 'account 1'))
  })
  await close(scoped, 'failed')
  await close(file, 'failed')
  await main.end('failed')
  expect(states()).toEqual({
    ...{ 'tenant 1': 'kept', 'tenant 2': 'removed', 'account 1': 'kept', 'user 1': 'kept', 'user 2': 'kept' },
  })
})

test('a removal blocked by another test’s resource is retried at the end of the run', async () => {
  const { openTest, file, main, store, states } = await testRun()
  const [one, other] = [openTest('one'), openTest('other')]
  one.run(() => track(row(store, 'team', 1)))
  other.run(() => track(row(store, 'user', 1, 'team 1')))
  await close(one)
  expect(states()).toMatchObject({ 'team 1': 'refused' })
  await close(other)
  await close(file)
  await main.end('passed')
  expect(states()).toEqual({ 'team 1': 'removed', 'user 1': 'removed' })
})

test('a resource in an open transaction is removed at the end of the file, or of the run', async () => {
  for (const settles of ['before the end of the file', 'never'] as const) {
    const { openTest, file, session, main, sink, store, states } = await testRun()
    const scoped = openTest('t')
    const tx = scoped.run(() => {
      const opened = sink.transaction({ id: store.id })
      store.rows.set('user 1', {})
      const steps = [{ driver: '$driver', op: 'delete', v: 1, args: { type: 'user' } }]
      const use = session.settings.drivers.find(({ name }) => name === 'main')?.use ?? ''
      const pending = sink.begin({ kind: use, store: { id: store.id }, type: 'user', via: 'INSERT INTO user' })
      pending?.created([{ type: 'user', keys: [1], steps, proof: { strength: 'key-only' } }], opened)
      return opened
    })
    expect((await close(scoped))?.totals.pending).toBe(1)
    if (settles !== 'never') tx.settle('committed')
    await close(file)
    expect(states()['user 1'] === 'removed').toBe(settles !== 'never')
    await main.end('passed')
    expect(states()).toEqual({ 'user 1': 'removed' })
  }
})

test('resources of several workers are removed and counted once', async () => {
  const { openTest, join, main, store } = await testRun()
  openTest('t').run(() => track(row(store, 'user', 1)))
  const other = await join()
  other.openScope(undefined, { kind: 'test', attempt: 0 }).run(() => track(row(store, 'user', 2)))
  const report = await main.end('passed')
  expect(report).toMatchObject({ of: 'run', totals: { tracked: 2, removed: 2 }, run: { ended: 'passed' } })
})

test('report.json holds the report and is private to its owner', async () => {
  const { openTest, main, store, dir } = await testRun()
  openTest('t').run(() => track(row(store, 'user', 1)))
  const report = await main.end('passed')
  const file = join(dir, 'runs', main.ticket.run, 'report.json')
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(report)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(existsSync(`${file}.new`)).toBe(false)
})

test('the command line removes kept resources in order and records it', async () => {
  const { openTest, session, main, store, states } = await testRun({ cleanup: { strategy: 'manual' } })
  const scoped = openTest('t')
  scoped.run(() => {
    track(row(store, 'team', 1))
    track(row(store, 'user', 1, 'team 1'))
  })
  await close(scoped)
  await main.end('passed')
  const run = await openLedgerRun(session.settings, main.ticket, 'cli')
  const kept = [...(run?.folded().resources.values() ?? [])]
  expect(run?.plan(kept).units.map(({ type }) => type)).toEqual(['user', 'team'])
  await run?.remove(kept)
  expect(statesOf((run as NonNullable<typeof run>).folded())).toEqual({ 'team 1': 'removed', 'user 1': 'removed' })
  await run?.[Symbol.asyncDispose]()
  expect(states()).toEqual({ 'team 1': 'removed', 'user 1': 'removed' })
})

test('forget() drops records and removes nothing', async () => {
  const { openTest, session, main, store, states } = await testRun()
  openTest('t').run(() => track(row(store, 'user', 1)))
  const run = await openLedgerRun(session.settings, main.ticket, 'cli')
  run?.forget([...run.folded().resources.values()])
  expect(states()).toEqual({})
  expect(store.rows.size).toBe(1)
})

test('the command line records removals even with DUSTPAN_DISABLED', async () => {
  const { openTest, session, main, store, states } = await testRun()
  openTest('t').run(() => track(row(store, 'user', 1)))
  const run = await openLedgerRun({ ...session.settings, disabled: true }, main.ticket, 'cli')
  await run?.remove([...run.folded().resources.values()])
  expect(states()).toEqual({ 'user 1': 'removed' })
})
