import { expect, test } from 'vitest'
import type { EventBody } from '../../src/ledger/events.ts'
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

/** What one process removed at 100, 101, 102, and another one did from a time on. */
function standing(events: readonly EventBody[], at: number, first = removed('b')) {
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
const away = { state: 'removed', why: undefined, result: '1 row', backup: true }

test.each([200, 50])('what was brought back is kept, also when that clock is behind (%s)', (at) => {
  expect(standing([begun('r', 102), ended('r')], at)).toEqual(kept)
})

test('begun and no more heard of, it may be there: it is on record as kept', () => {
  expect(standing([begun('r', 102)], 200)).toEqual(kept)
})

test('what did not come back is away, with what its removal said', () => {
  expect(standing([begun('r', 102), ended('r', { failed: [['a.0', error]] })], 200)).toEqual(away)
})

test('what was there all the time is kept where the record said that it was away, else it stands as before', () => {
  const there = [begun('r', 102), ended('r', { there: ['a.0'] })]
  expect(standing(there, 200)).toEqual(kept)
  expect(standing(there, 200, removed('b', 'failed')).state).toBe('failed')
})

test('removed again it is away, and back again it is kept', () => {
  const once = [begun('r', 102), ended('r'), ...removed('c')]
  expect(standing(once, 200)).toEqual(away)
  expect(standing([...once, begun('s', 204), ended('s')], 200)).toEqual(kept)
})

test('a backup of some of a batch is one of these', () => {
  const [first, , last] = removed('b') as readonly [EventBody, EventBody, EventBody]
  const some = [first, { e: 'removal.backed-up', batch: 'b', ids: [] } as const, last]
  expect(standing([], 200, some).backup).toBe(undefined)
})
