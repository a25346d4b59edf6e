import { expect, test } from 'vitest'
import type { EventBody, LoggedOutcome } from '../../src/journal/events.ts'
import type { JournalContent } from '../../src/journal/read.ts'
import { foldRun } from '../../src/ledger/fold.ts'
import type { FoldedRun } from '../../src/ledger/folded-run.ts'
import fc from '../fast-check.ts'
import { createdLine, journal, writerLine } from './writers.ts'

const fold = (...journals: JournalContent[]): FoldedRun => foldRun('r1', journals)
const stateOf = (run: FoldedRun, id = 'a.0'): string | undefined => run.resources.get(id)?.state

const ended = (batch: string, state: LoggedOutcome['state'], ids = ['a.0']): EventBody[] => [
  { e: 'removal.begun', batch, ids },
  { e: 'removal.ended', batch, durationMs: 2, outcomes: ids.map((id) => [id, { state }] as const) },
]

const later: readonly [string, readonly EventBody[], string][] = [
  ['removed', ended('b', 'removed'), 'removed'],
  ['already gone', ended('b', 'already-gone'), 'already-gone'],
  ['failed', ended('b', 'failed'), 'failed'],
  ['refused', ended('b', 'refused'), 'refused'],
  ['pending', ended('b', 'pending'), 'pending'],
  ['lost', ended('b', 'lost'), 'lost'],
  ['gone', [{ e: 'gone', ids: ['a.0'], by: 'user' }], 'gone'],
  ['kept', [{ e: 'kept', ids: ['a.0'], why: 'w' }], 'kept'],
  [
    'released',
    [
      { e: 'kept', ids: ['a.0'], why: 'w' },
      { e: 'released', ids: ['a.0'], by: 'cli' },
    ],
    'live',
  ],
  ['begun without an outcome', [{ e: 'removal.begun', batch: 'b', ids: ['a.0'] }], 'live'],
]

test.each(later)('%s: the outcome does not depend on the writers’ clocks', (_, events, expected) => {
  for (const offset of [10, -10]) {
    const other = journal(
      'other',
      events,
      events.map((_event, i) => offset + i),
    )
    expect(stateOf(fold(journal('one', [createdLine('a')]), other))).toBe(expected)
  }
})

test.each(['removed', 'already-gone'] as const)('%s is not overridden by another writer, before or after', (state) => {
  for (const [name, events] of later.filter(
    ([, , expected]) => !['gone', 'removed', 'already-gone'].includes(expected),
  )) {
    for (const offset of [-10, 10]) {
      const one = journal('one', [createdLine('a'), ...ended('x', state)])
      const other = journal(
        'other',
        events,
        events.map((_event, i) => offset + i),
      )
      expect([name, stateOf(fold(one, other))]).toEqual([name, state])
    }
  }
})

test('a forgotten resource is dropped whenever it was forgotten', () => {
  for (const offset of [-10, 10]) {
    const other = journal('other', [{ e: 'forgotten', ids: ['a.0'], by: 'cli' }], [offset])
    expect(fold(journal('one', [createdLine('a', [1, 2]), ...ended('b', 'failed')]), other).resources.size).toBe(1)
  }
})

test('a released resource stays released when another writer keeps it at the same time', () => {
  for (const offset of [-10, 10]) {
    const released = journal('cli', [{ e: 'released', ids: ['a.0'], by: 'cli' }], [offset])
    const kept = journal('one', [createdLine('a'), { e: 'kept', ids: ['a.0'], why: 'w' }])
    expect(stateOf(fold(kept, released))).toBe('live')
  }
})

test('`others` of a batch applies to its ids without an outcome of their own', () => {
  const events: EventBody[] = [
    createdLine('a', [1, 2, 3]),
    { e: 'removal.begun', batch: 'b', ids: ['a.0', 'a.1', 'a.2'] },
    {
      e: 'removal.ended',
      batch: 'b',
      durationMs: 3,
      outcomes: [['a.1', { state: 'failed' }]],
      others: { state: 'removed', result: '1 row' },
    },
  ]
  const { resources } = fold(journal('one', events))
  expect(
    [...resources.values()].map(({ state, result, attempts, durationMs }) => [state, result, attempts, durationMs]),
  ).toEqual([
    ['removed', '1 row', 1, 1],
    ['failed', undefined, 1, 1],
    ['removed', '1 row', 1, 1],
  ])
})

test('only a removal without a final outcome marks its resource as interrupted', () => {
  const all: EventBody[] = [
    createdLine('a', [1, 2, 3, 4]),
    { e: 'removal.begun', batch: 'b', ids: ['a.0'] },
    ...ended('c', 'failed', ['a.0', 'a.1']),
    { e: 'removal.begun', batch: 'd', ids: ['a.2'] },
    { e: 'removal.ended', batch: 'd', durationMs: 1, outcomes: [['a.2', { state: 'pending', why: 'in-flight' }]] },
  ]
  for (const offset of [10, -10]) {
    const [created, ...others] = all as [EventBody, ...EventBody[]]
    const other = journal(
      'other',
      others,
      others.map((_event, i) => offset + i),
    )
    const { resources } = fold(journal('one', [created]), other)
    expect([...resources.values()].map(({ interrupted = false }) => interrupted)).toEqual([true, false, true, false])
  }
})

const intended: EventBody = {
  ...{
    e: 'create.intended',
    scope: 's',
    intent: 'i',
    store: { driver: 'main', id: 'x' },
    type: 'user',
    via: 'POST /users',
    at: 1,
  },
}

test.each<[string, EventBody[], number]>([
  ['without an outcome stays open', [], 1],
  ['with a creation is settled', [{ ...createdLine('a'), intent: 'i' } as EventBody], 0],
  ['with a rejection is settled', [{ e: 'create.none', intent: 'i', why: 'rejected' }], 0],
])('an intent %s', (_, events, open) => {
  expect(fold(journal('one', [intended, ...events])).intents.size).toBe(open)
})

test.each<['committed' | 'rolled-back' | 'unknown' | undefined, string, number]>([
  ['committed', 'live', 0],
  ['unknown', 'live', 0],
  ['rolled-back', 'gone', 0],
  [undefined, 'live', 1],
])('a transaction that was %s leaves its rows %s', (as, state, open) => {
  const settled: EventBody[] = as === undefined ? [] : [{ e: 'tx.settled', tx: 't', as }]
  const run = fold(journal('one', [createdLine('a', [1], 't'), ...settled]))
  expect([stateOf(run), run.openTransactions.size]).toEqual([state, open])
})

test('the order of creation is kept within a batch, within a millisecond and beyond 1,000 records', () => {
  const sets = Array.from({ length: 1500 }, (_, i) => createdLine(`s${i}`, [1, 2]))
  const { resources } = fold(
    journal(
      'one',
      sets,
      sets.map(() => 5),
    ),
  )
  const ordered = [...resources.values()].sort((a, b) => a.order - b.order).map(({ id }) => id)
  expect(ordered).toEqual(sets.flatMap((_, i) => [`s${i}.0`, `s${i}.1`]))
})

test('a writer whose clock was set back keeps its own order', () => {
  const run = fold(journal('one', [createdLine('a'), createdLine('b')], [100, 5]))
  expect((run.resources.get('a.0')?.order ?? 0) < (run.resources.get('b.0')?.order ?? 0)).toBe(true)
})

test.each<[string, readonly [EventBody, EventBody]]>([
  [
    'this version',
    [
      { e: 'step.skipped', ids: ['a.0'], step: 1, why: 'first' },
      { e: 'step.skipped', ids: ['a.0'], step: 2, why: 'second' },
    ],
  ],
  [
    'an older version',
    [
      { e: 'step.skipped', ids: ['a.0'], why: 'step 1: first' },
      { e: 'step.skipped', ids: ['a.0'], why: 'step 2: second' },
    ],
  ],
])('skipped steps as %s wrote them are those of the last attempt', (_, skipped) => {
  const run = fold(journal('one', [createdLine('a'), ...skipped, ...skipped]))
  expect(run.resources.get('a.0')?.skipped).toEqual([
    { step: 1, why: 'first' },
    { step: 2, why: 'second' },
  ])
})

test('scopes, run times, writers and distinct warnings are collected', () => {
  const closed: EventBody = {
    e: 'scope.closed',
    scope: 's',
    verdict: 'failed',
    decision: 'keep',
    until: 9,
    why: 'the test failed',
  }
  const warning: EventBody = { e: 'warning', code: 'X', message: 'm' }
  const one = journal(
    'one',
    [writerLine('w1'), { e: 'scope.opened', scope: 's', kind: 'test', attempt: 0 }, warning, closed],
    [3, 4, 5, 6],
  )
  const other = journal('other', [writerLine('w2'), warning, { e: 'run.ended', reason: 'failed' }], [1, 2, 8])
  const run = fold(one, other)
  expect(run.scopes.get('s')).toEqual({
    id: 's',
    kind: 'test',
    attempt: 0,
    verdict: 'failed',
    closedAt: 6,
    decision: 'keep',
    until: 9,
    why: 'the test failed',
  })
  expect(run).toMatchObject({
    startedAt: 1,
    endedAt: 8,
    latestAt: 8,
    ended: 'failed',
    warnings: [{ code: 'X', message: 'm' }],
  })
  expect(run.writers.map(({ writer }) => writer)).toEqual(['w2', 'w1'])
})

const ids = ['a.0', 'b.0', 'c.0', 'c.1']
const someIds = fc.subarray(ids, { minLength: 1 })
const states = ['removed', 'already-gone', 'refused', 'pending', 'failed', 'lost'] as const
let batches = 0
const anEvent: fc.Arbitrary<readonly EventBody[]> = fc.oneof(
  someIds.map((which): EventBody[] => [{ e: 'gone', ids: which, by: 'user' }]),
  someIds.map((which): EventBody[] => [{ e: 'kept', ids: which, why: 'w' }]),
  someIds.map((which): EventBody[] => [{ e: 'released', ids: which, by: 'cli' }]),
  someIds.map((which): EventBody[] => [{ e: 'forgotten', ids: which, by: 'cli' }]),
  fc.tuple(someIds, fc.constantFrom(...states)).map(([which, state]) => ended(`b${batches++}`, state, which)),
)
const aWriter = fc.array(fc.tuple(anEvent, fc.nat({ max: 5 })), { maxLength: 8 })

test('the fold does not depend on the order of journals, and gone always wins', () => {
  fc.assert(
    fc.property(fc.array(aWriter, { minLength: 1, maxLength: 4 }), fc.nat(), (writers, turn) => {
      const creations = journal('creator', [createdLine('a'), createdLine('b'), createdLine('c', [1, 2])])
      const others = writers.map((events, i) =>
        journal(
          `w${i}`,
          events.flatMap(([bodies]) => bodies),
          events.flatMap(([bodies, t]) => bodies.map(() => t)),
        ),
      )
      const journals = [creations, ...others]
      const rotated = journals.map((_, i) => journals[(i + turn) % journals.length] as JournalContent)
      const seen = (run: FoldedRun) => [...run.resources.values()].map(({ set, ...rest }) => rest)
      const expected = seen(fold(...journals))
      expect(seen(fold(...rotated))).toEqual(expected)
      expect(seen(fold(...rotated.toReversed()))).toEqual(expected)

      const all = writers.flat().flatMap(([bodies]) => bodies)
      const gone = all.flatMap((event) => (event.e === 'gone' ? event.ids : []))
      for (const id of gone) expect(stateOf(fold(...rotated), id) ?? 'gone').toBe('gone')
    }),
  )
})

test('a run without an end of its own has ended when all its workers have, with the worst of their results', () => {
  const part = (writer: string, ...ends: EventBody[]) => journal(writer, [writerLine(writer), ...ends])
  const passed: EventBody = { e: 'run.ended', reason: 'passed', part: true }
  const failed: EventBody = { e: 'run.ended', reason: 'failed', part: true }
  expect(fold(part('w1', passed), part('w2'))).toMatchObject({ ended: undefined, endedInParts: false })
  expect(fold(part('w1', passed), part('w2', failed))).toMatchObject({ ended: 'failed', endedInParts: true })
  expect(fold(part('w1', passed), part('w2', passed))).toMatchObject({ ended: 'passed', endedInParts: true })
})

test('workedUntil ignores processes that cleaned up later', () => {
  const cleaner = { ...writerLine('c'), role: 'cli' as const }
  const own = journal('w', [writerLine('w'), createdLine('w-1')], [10, 20])
  const since = journal('c', [cleaner, { e: 'removal.begun', batch: 'b', ids: ['w-1.0'] }], [400, 500])
  expect(foldRun('r1', [own, since])).toMatchObject({ workedUntil: 20, latestAt: 500 })
})
