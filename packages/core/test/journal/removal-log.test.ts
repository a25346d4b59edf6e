import { expect, test } from 'vitest'
import { DustpanError } from '../../src/errors/dustpan-error.ts'
import { compactOutcomes, loggedOutcome, type Outcome } from '../../src/journal/removal-log.ts'

const row: Outcome = { state: 'removed', result: '1 row' }
const error = new DustpanError('DUSTPAN_REMOVAL_FAILED', 'no', { hint: 'why' })

test('equal removed outcomes are written once as `others`, different ones individually', () => {
  const other: Outcome = { state: 'removed', result: '200 OK' }
  const failed: Outcome = { state: 'failed', error, retry: false }
  const { outcomes, others } = compactOutcomes(
    new Map<string, Outcome>([
      ['a', row],
      ['b', failed],
      ['c', row],
      ['d', other],
    ]),
  )
  expect(others).toEqual(row)
  expect(outcomes).toEqual([
    ['b', { state: 'failed', error: { code: 'DUSTPAN_REMOVAL_FAILED', message: 'no', hint: 'why' } }],
    ['d', other],
  ])
})

test('`others` is left out if nothing was removed', () => {
  expect(compactOutcomes(new Map([['a', { state: 'already-gone' } as const]]))).toEqual({
    outcomes: [['a', { state: 'already-gone' }]],
  })
})

test.each<[Outcome, object]>([
  [
    { state: 'pending', why: 'accepted', afterMs: 5 },
    { state: 'pending', why: 'accepted' },
  ],
  [
    { state: 'refused', why: 'not-ours', detail: { n: 1 } },
    { state: 'refused', why: 'not-ours', detail: { n: 1 } },
  ],
  [{ state: 'already-gone' }, { state: 'already-gone' }],
  [
    { state: 'lost', error },
    { state: 'lost', error: { code: 'DUSTPAN_REMOVAL_FAILED', message: 'no', hint: 'why' } },
  ],
])('%j is written as %j', (outcome, logged) => {
  expect(loggedOutcome(outcome)).toEqual(logged)
})

test('an error is written without the secrets in its message and hint', () => {
  const quoting = new DustpanError(
    'DUSTPAN_REMOVAL_FAILED',
    'GET http://me:s3cret@x/?token=s3cret: Authorization: Bearer s3cret',
    {
      hint: 'password=s3cret',
    },
  )
  expect(JSON.stringify(loggedOutcome({ state: 'failed', error: quoting, retry: {} }))).not.toContain('s3cret')
})
