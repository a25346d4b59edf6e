import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { EventBody, LoggedOutcome } from '../../src/journal/events.ts'
import { journalFiles, readRun } from '../../src/journal/read.ts'
import { foldRun } from '../../src/ledger/fold.ts'
import type { FoldedRun } from '../../src/ledger/folded-run.ts'
import { mergeAlike } from '../../src/ledger/merge-alike.ts'
import { leftIn } from '../../src/recovery/leftovers.ts'
import { decisions } from '../../src/recovery/sweep.ts'
import type { Resource } from '../../src/resource/resource.ts'
import fc from '../fast-check.ts'
import { scratchFolder, settingsOf } from '../settings.ts'
import { createdLine, writerLine } from './writers.ts'

/** Writes a run with its writers' events, one second apart. */
function ledgerOf(writers: readonly (readonly EventBody[])[], more: readonly string[] = []): string {
  const dir = scratchFolder()
  const folder = join(dir, 'runs', 'r1')
  mkdirSync(folder, { recursive: true })
  writers.forEach((events, i) => {
    const lines = [writerLine(`w${i}`), ...events].map((event, n) =>
      JSON.stringify({ v: 1, n, t: 1000 * n + i, ...event }),
    )
    writeFileSync(join(folder, `w${i}.jsonl`), [...lines, ...more, ''].join('\n'))
  })
  return dir
}

/** The counts of a run from all its resources, and from merged ones. */
function bothWays(dir: string) {
  const full = foldRun('r1', readRun(dir, 'r1'))
  const { journals, weightOf, startedAt, latestAt } = mergeAlike(journalFiles(dir, 'r1'))
  const merged: FoldedRun = { ...foldRun('r1', journals), startedAt, latestAt }
  return { full: numbers(full, () => 1), merged: numbers(merged, weightOf), size: merged.resources.size }
}

function numbers(run: FoldedRun, weightOf: (id: string) => number) {
  const { startedAt, latestAt, ended, endedInParts, intents, openTransactions, warnings, writers } = run
  const counted = (resources: Iterable<Resource>) => {
    const counts: Record<string, number> = {}
    for (const { id, set, state } of resources) {
      const name = `${set.type} ${state}`
      counts[name] = (counts[name] ?? 0) + weightOf(id)
    }
    return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)))
  }
  const settings = settingsOf({ cleanup: { strategy: 'conditional' } })
  const { due, keep, needed } = decisions(run, settings, 'lost')
  return {
    ...{ startedAt, latestAt, ended, endedInParts, warnings, writers, intents: [...intents.keys()].sort() },
    openTransactions: [...openTransactions].sort(),
    all: counted(run.resources.values()),
    left: counted(leftIn(run)),
    ...{ due: counted(due), keep: counted(keep), needed: counted(needed) },
  }
}

const scopes = ['s0', 's1', 's2', 's3']
const sets = Array.from({ length: 8 }, (_, i) => `w0-${i}`)
const ids = sets.flatMap((set) => [`${set}.0`, `${set}.1`])
const someIds = fc.subarray(ids, { minLength: 1 })
const aScope = fc.constantFrom(...scopes)
let batches = 0

function removal(which: readonly string[], others: LoggedOutcome, odd: readonly string[]): EventBody[] {
  const batch = `b${batches++}`
  const outcomes = odd.map((id) => [id, { state: 'failed' }] as const)
  return [
    { e: 'removal.begun', batch, ids: which },
    { e: 'removal.ended', batch, durationMs: 1, outcomes, others },
  ]
}

const creation = fc.record({
  set: fc.constantFrom(...sets),
  scope: aScope,
  type: fc.constantFrom('user', 'order'),
  lifetime: fc.constantFrom('test', 'file', 'persistent'),
  dependsOn: fc.option(fc.subarray(ids, { minLength: 1, maxLength: 2 }), { nil: undefined, freq: 5 }),
  tx: fc.option(fc.constantFrom('t1', 't2'), { nil: undefined, freq: 4 }),
  intent: fc.option(fc.constantFrom('i1', 'i2', 'i3'), { nil: undefined, freq: 3 }),
  expiresAt: fc.option(fc.constantFrom(1, 4e12), { nil: undefined, freq: 5 }),
})
const creations = fc.uniqueArray(creation, { selector: ({ set }) => set, maxLength: 8 }).map((all) =>
  all.map(({ scope, set, type, lifetime, ...some }): EventBody => {
    const more = Object.fromEntries(Object.entries(some).filter(([, value]) => value !== undefined))
    const steps = [{ driver: 'main', op: 'delete', v: 1, args: {} }]
    return { ...createdLine(set, [`${set}-1`, `${set}-2`]), steps, scope, type, lifetime, ...more } as EventBody
  }),
)
const opened = fc
  .tuple(aScope, fc.option(aScope, { nil: undefined }), fc.constantFrom('test', 'file'))
  .map(([scope, parent, kind]): EventBody[] => {
    // A scope is not its own parent.
    const isIn = parent !== undefined && parent < scope ? { in: parent } : {}
    return [{ e: 'scope.opened', scope, kind, attempt: 0, ...isIn }]
  })
const intended: fc.Arbitrary<EventBody[]> = fc
  .constantFrom('i1', 'i2', 'i3', 'i4')
  .map((intent) => [
    { e: 'create.intended', scope: 's0', intent, store: { driver: 'main', id: 'x' }, type: 'user', via: 'v', at: 1 },
  ])
const someEvents: fc.Arbitrary<readonly EventBody[]> = fc.oneof(
  { arbitrary: opened, weight: 2 },
  { arbitrary: intended, weight: 1 },
  fc.constantFrom('i1', 'i4').map((intent): EventBody[] => [{ e: 'create.none', intent, why: 'w' }]),
  fc
    .tuple(aScope, fc.constantFrom('keep', 'remove'))
    .map(([scope, decision]): EventBody[] => [{ e: 'scope.closed', scope, verdict: 'failed', decision, why: 'w' }]),
  aScope.map((scope): EventBody[] => [{ e: 'policy', scope, policy: { strategy: 'manual' } }]),
  { arbitrary: someIds.map((which) => removal(which, { state: 'removed' }, [])), weight: 4 },
  {
    arbitrary: fc.constantFrom(...sets).map((set) => removal([`${set}.0`, `${set}.1`], { state: 'removed' }, [])),
    weight: 4,
  },
  someIds.map((which) => removal(which, { state: 'removed' }, which.slice(0, 1))),
  someIds.map((which) => removal(which, { state: 'refused', why: 'has-dependents' }, [])),
  someIds.map((which) => removal(which, { state: 'removed' }, []).slice(0, 1)),
  someIds.map((which): EventBody[] => [{ e: 'gone', ids: which, by: 'user' }]),
  someIds.map((which): EventBody[] => [{ e: 'kept', ids: which, why: 'w', until: 4e12 }]),
  someIds.map((which): EventBody[] => [{ e: 'released', ids: which, by: 'cli' }]),
  someIds.map((which): EventBody[] => [{ e: 'forgotten', ids: which, by: 'cli' }]),
  fc.constantFrom('committed', 'rolled-back').map((as): EventBody[] => [{ e: 'tx.settled', tx: 't1', as }]),
  fc.constant<EventBody[]>([{ e: 'run.ended', reason: 'failed' }]),
)

/** Drops repeated intents: an intent's id belongs to one writer. */
function begunOnce(writers: readonly (readonly EventBody[])[]): readonly (readonly EventBody[])[] {
  const begun = new Set<string>()
  const isFirst = ({ intent }: { readonly intent: string }) => !begun.has(intent) && Boolean(begun.add(intent))
  return writers.map((events) => events.filter((event) => event.e !== 'create.intended' || isFirst(event)))
}

test('merged journals give the same counts as full ones, whatever happened in the run', () => {
  fc.assert(
    fc.property(
      creations,
      fc.array(someEvents, { maxLength: 10 }),
      fc.array(someEvents, { maxLength: 6 }),
      (made, own, others) => {
        const written = [[...own.slice(0, 3).flat(), ...made, ...own.slice(3).flat()], others.flat()]
        const { full, merged } = bothWays(ledgerOf(begunOnce(written)))
        expect(merged).toEqual(full)
      },
    ),
    { numRuns: 300 },
  )
})

test('resources with the same fate are merged into one', () => {
  const tests = Array.from({ length: 200 }, (_, i) => {
    const set = `w0-${i}`
    const closed: EventBody = { e: 'scope.closed', scope: `t${i}`, verdict: 'passed', decision: 'remove', why: 'w' }
    const ended = [closed, ...removal([`${set}.0`], { state: 'removed' }, [])]
    return [
      { e: 'scope.opened', scope: `t${i}`, kind: 'test', attempt: 0 },
      { ...createdLine(set), scope: `t${i}` },
      ...(i < 100 ? ended : []),
    ] as EventBody[]
  })
  const { full, merged, size } = bothWays(ledgerOf([tests.flat()]))
  expect(merged).toEqual(full)
  expect(full.all).toEqual({ 'user live': 100, 'user removed': 100 })
  expect(size).toBe(2)
})

test('a key recreated by a persistent resource may count as due, but never hides others', () => {
  const steps = [{ driver: 'main', op: 'delete', v: 1, args: {} }] as const
  const made = (set: string, key: number, more: object = {}) =>
    ({ ...createdLine(set, [key]), steps, ...more }) as EventBody
  const stays = made('w0-3', 1, { lifetime: 'persistent' })
  const { full, merged } = bothWays(ledgerOf([[made('w0-1', 1), made('w0-2', 2), stays]]))
  expect(full.due).toEqual({ 'user live': 1 })
  expect(merged.due).toEqual({ 'user live': 2 })
})

test('the later of two ends of a test counts, despite later ends of similar tests', () => {
  const steps = [{ driver: 'main', op: 'delete', v: 1, args: {} }] as const
  const begin = (scope: string, set: string) =>
    [
      { e: 'scope.opened', scope, kind: 'test', attempt: 0 },
      { ...createdLine(set, [set]), steps, scope },
    ] as EventBody[]
  const end = (scope: string, decision: 'keep' | 'remove'): EventBody => ({
    ...{ e: 'scope.closed', scope, verdict: 'failed', decision, why: 'w' },
  })
  const silence = Array.from({ length: 6 }, (): EventBody => ({ e: 'alive' }))
  const own = [...begin('s0', 'w0-0'), ...begin('s1', 'w0-1'), end('s0', 'keep'), ...silence, end('s1', 'keep')]
  const other = [...silence, end('s0', 'remove'), end('s1', 'remove')]
  const { full, merged } = bothWays(ledgerOf([own, other]))
  expect(merged).toEqual(full)
  expect(full).toMatchObject({ due: { 'user live': 1 }, keep: { 'user live': 1 } })
})

test('a creation whose JSON has another property order is counted', () => {
  const { e, ...rest } = { v: 1, n: 9, t: 9, ...createdLine('w0-2') }
  const { full, merged } = bothWays(ledgerOf([[createdLine('w0-1')]], [JSON.stringify({ ...rest, e })]))
  expect(full.all).toEqual({ 'user live': 2 })
  expect(merged).toEqual(full)
})

test('unreadable lines are reported once, as without merging', () => {
  const torn = ['{"v":1,"n":9,"t":9,"e":"created","scope"', '{"v":1,"n":9,"t":9,"e":"kept"', 'garbage']
  const { full, merged } = bothWays(ledgerOf([[createdLine('w0-1')]], torn))
  expect(full.warnings).toHaveLength(1)
  expect(merged).toEqual(full)
})
