/** How long kept resources stay: each is checked a second before and after it is due. */
import { expect, test, vi } from 'vitest'
import type { PolicyOverride } from '../../src/config/cleanup-options.ts'
import type { DustpanConfig } from '../../src/config/config.ts'
import { orphansOf } from '../../src/recovery/orphans.ts'
import { recoverRun } from '../../src/recovery/recover-run.ts'
import { whenDue } from '../../src/recovery/when-due.ts'
import { sweepAtStart } from '../../src/runner/sweep-at-start.ts'
import { scope, track } from '../../src/tracking/facade.ts'
import { begun, mockClock } from '../mocked-clock.ts'
import { close, row, type TestRun, testRun } from '../run.ts'

const time = mockClock()

const by = { role: 'cli', runner: 'test' } as const

interface Case {
  readonly title: string
  readonly config: DustpanConfig
  readonly policy?: PolicyOverride
  readonly more?: object
  readonly ms: number
}

const kept: readonly Case[] = [
  { title: 'keepFor of a failed test', config: { cleanup: { strategy: 'conditional', keepFor: '2h' } }, ms: 7_200_000 },
  { title: 'keepFor, 24 h by default', config: { cleanup: { strategy: 'conditional' } }, ms: 86_400_000 },
  { title: 'delay, 1 h by default', config: { cleanup: { strategy: 'delayed' } }, ms: 3_600_000 },
  { title: 'delay of the configuration', config: { cleanup: { strategy: 'delayed', delay: '90s' } }, ms: 90_000 },
  { title: 'delay of the test', config: {}, policy: { strategy: 'delayed', delay: '10m' }, ms: 600_000 },
  {
    title: 'expiresIn, shorter than keepFor',
    config: { cleanup: { strategy: 'conditional' } },
    more: { expiresIn: '30m' },
    ms: 1_800_000,
  },
  {
    title: 'expiresIn with strategy: manual',
    config: { cleanup: { strategy: 'manual' } },
    more: { expiresIn: '20h' },
    ms: 72_000_000,
  },
  {
    title: 'expiresIn of a persistent resource',
    config: {},
    more: { lifetime: 'persistent', expiresIn: '3h' },
    ms: 10_800_000,
  },
]

test.for(kept)('a resource becomes due after $title', async ({ config, policy, more, ms }) => {
  const run = await testRun(config)
  await failing(run, () => {
    if (policy) scope().policy(policy)
    track({ ...row(run.store, 'user', 1), ...more })
  })
  await close(run.file, 'failed')
  await run.main.end('failed')
  await dueAt(run, begun + ms)
})

test.for<[string, DustpanConfig, number]>([
  ['1 h by default', {}, 3_600_000],
  ['as configured', { cleanup: { maxAge: '90m' } }, 5_400_000],
])('a resource of a test that hangs becomes due after maxAge: %s', async ([, config, ms]) => {
  const run = await testRun(config)
  run.openTest('hangs').run(() => track(row(run.store, 'user', 1)))
  await dueAt(run, begun + ms)
})

test('a delayed removal is done at the start of a later run, once it is due', async () => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const run = await testRun({ cleanup: { strategy: 'delayed' } })
  await failing(run, () => track(row(run.store, 'user', 1)))
  await close(run.file, 'failed')
  await run.main.end('failed')
  const atStart = { leftovers: true, reset: false, owners: [], tags: [] }
  const begin = () => sweepAtStart({ ...run.main.ticket.settings, atStart })
  time.now = begun + 3_599_000
  await begin()
  expect(run.states()).toEqual({ 'user 1': 'kept' })
  time.now = begun + 3_601_000
  await begin()
  expect(run.states()).toEqual({ 'user 1': 'removed' })
})

test.each(['passed', 'failed', 'interrupted'] as const)(
  'strategy: delayed removes a retried attempt at once and keeps the rest of a run that %s',
  async (verdict) => {
    const run = await testRun({ cleanup: { strategy: 'delayed' } })
    const first = run.openTest('t')
    first.run(() => track(row(run.store, 'user', 0)))
    await close(first, 'failed', { willRetry: true })
    const last = run.openTest('t', { attempt: 1 })
    last.run(() => track(row(run.store, 'user', 1)))
    run.file.run(() => track(row(run.store, 'team', 1)))
    run.session
      .openScope(undefined, { kind: 'file', file: 'b.test.ts', attempt: 0 })
      .run(() => track({ ...row(run.store, 'site', 1), lifetime: 'run' }))
    await close(last, verdict)
    await close(run.file, verdict)
    await run.main.end(verdict)
    expect(run.states()).toEqual({ 'user 0': 'removed', 'user 1': 'kept', 'team 1': 'kept', 'site 1': 'kept' })
    const ends = [...run.folded().resources.values()].map(({ keptUntil }) => keptUntil)
    expect(new Set(ends)).toEqual(new Set([undefined, begun + 3_600_000]))
  },
)

test('a resource kept by strategy: manual is never due', async () => {
  const run = await testRun({ cleanup: { strategy: 'manual' } })
  await failing(run, () => track(row(run.store, 'user', 1)))
  await run.main.end('failed')
  const { settings } = run.main.ticket
  expect(whenDue(settings, run.main.ticket.run).times).toEqual([])
  time.now = begun + 366 * 86_400_000
  expect(await recoverRun(settings, run.main.ticket.run, by)).toEqual([])
  expect(run.store.rows.size).toBe(1)
})

async function failing({ openTest }: TestRun, create: () => void): Promise<void> {
  const scoped = openTest('fails')
  scoped.run(create)
  await close(scoped, 'failed')
}

async function dueAt({ main: { ticket }, store }: TestRun, at: number): Promise<void> {
  const { settings, run } = ticket
  expect(whenDue(settings, run).times).toEqual([at])
  time.now = at - 1000
  expect(orphansOf(settings, run)).toBeUndefined()
  expect(await recoverRun(settings, run, by)).toEqual([])
  expect(store.rows.size).toBe(1)
  time.now = at + 1000
  expect(orphansOf(settings, run)?.overdue).toEqual({ user: 1 })
  expect(await recoverRun(settings, run, by)).toMatchObject([{ state: 'removed' }])
  expect(store.rows.size).toBe(0)
  expect(whenDue(settings, run).times).toEqual([])
}
