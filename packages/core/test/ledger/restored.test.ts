import { expect, test } from 'vitest'
import type { EventBody } from '../../src/journal/events.ts'
import { foldRun } from '../../src/ledger/fold.ts'
import { createdLine, journal } from './writers.ts'

const removed = (batch: string, state: 'removed' | 'failed' = 'removed'): readonly EventBody[] => [
  { e: 'removal.begun', batch, ids: ['a.0'] },
  { e: 'removal.backed-up', batch },
  { e: 'removal.ended', batch, durationMs: 1, outcomes: [['a.0', { state, result: '1 row' }]] },
]
const begun = (batch: string, after: number): EventBody => ({ e: 'restore.begun', batch, ids: ['a.0'], after })
const ended = (batch: string, more: Partial<Extract<EventBody, { e: 'restore.ended' }>> = {}): EventBody => ({
  ...{ e: 'restore.ended', batch, durationMs: 1 },
  ...more,
})
const error = { code: 'DUSTPAN_RESTORE_FAILED', message: 'taken' }

/** The state after a removal at 100–102 by one process, and these events of another. */
function stateAfter(events: readonly EventBody[], at: number, first = removed('b')) {
  const cleaner = journal(
    'cleaner',
    first,
    first.map((_, i) => 100 + i),
  )
  const other = journal(
    'other',
    events,
    events.map((_, i) => at + i),
  )
  const run = foldRun('r1', [journal('one', [createdLine('a')]), cleaner, other])
  const { state, why, result, backup } = run.resources.get('a.0') ?? {}
  return { state, why, result, backup }
}

const kept = { state: 'kept', why: 'restored', result: undefined, backup: true }
const removedAgain = { state: 'removed', why: undefined, result: '1 row', backup: true }

test.each([200, 50])('a restored resource is kept, even if the restoring clock is behind (%s)', (at) => {
  expect(stateAfter([begun('r', 102), ended('r')], at)).toEqual(kept)
})

test('a restore without an outcome counts as kept', () => {
  expect(stateAfter([begun('r', 102)], 200)).toEqual(kept)
})

test('a resource that failed to be restored stays removed with its result', () => {
  expect(stateAfter([begun('r', 102), ended('r', { failed: [['a.0', error]] })], 200)).toEqual(removedAgain)
})

test('a resource found in place is kept if it was recorded as removed, else its state is unchanged', () => {
  const there = [begun('r', 102), ended('r', { there: ['a.0'] })]
  expect(stateAfter(there, 200)).toEqual(kept)
  expect(stateAfter(there, 200, removed('b', 'failed')).state).toBe('failed')
})

test('a restored resource that is removed again is removed, and restored again is kept', () => {
  const once = [begun('r', 102), ended('r'), ...removed('c')]
  expect(stateAfter(once, 200)).toEqual(removedAgain)
  expect(stateAfter([...once, begun('s', 204), ended('s')], 200)).toEqual(kept)
})

test('a resource outside a partial backup has no backup', () => {
  const [first, , last] = removed('b') as readonly [EventBody, EventBody, EventBody]
  const some = [first, { e: 'removal.backed-up', batch: 'b', ids: [] } as const, last]
  expect(stateAfter([], 200, some).backup).toBe(undefined)
})
