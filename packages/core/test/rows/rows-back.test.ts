import { expect, test } from 'vitest'
import {
  lostRows,
  presentRowOutcome,
  type RestoreOutcomes,
  rowNotBack,
  rowsToInsert,
} from '../../src/rows/rows-back.ts'
import { rows } from './rows.ts'

const backups = (...ids: readonly string[]) =>
  rows(...ids).map((target) => ({ target, backup: { fields: { id: target.key } } }))
const [backup] = backups('7')

test('rows of a dropped table fail with DUSTPAN_RESTORE_FAILED', () => {
  const all = backups('a', 'b')
  const restored: RestoreOutcomes = new Map()
  const lost = lostRows(all, [{ targets: all.slice(0, 1).map(({ target }) => target) }], restored)
  expect(lost.map(({ fields }) => fields)).toEqual([{ id: 'a' }])
  expect(restored.get('b')).toMatchObject({
    error: {
      code: 'DUSTPAN_RESTORE_FAILED',
      message: expect.stringContaining('users "b" could not be restored: its table'),
    },
  })
})

test('a row is not restored when a row that it refers to, at any distance, was not', () => {
  const [away, child, grandchild, other] = backups('away', 'child', 'grandchild', 'other').map((backedUp) => ({
    backedUp,
  }))
  if (!away || !child || !grandchild || !other) throw new Error('four rows')
  const restored: RestoreOutcomes = new Map([['away', rowNotBack(away.backedUp, 'another row has its key')]])
  const parents = new Map([
    [child, away],
    [grandchild, child],
  ])
  const due = rowsToInsert([away, child, grandchild, other], restored, (one, parent) => parents.get(one) === parent)
  expect(due).toEqual([other])
  expect([...restored.keys()]).toEqual(['away', 'child', 'grandchild'])
})

test.each([
  [
    'unchanged',
    { differing: [], outsideMark: [], isMarked: false },
    { state: 'restored', result: 'already there', alreadyThere: true },
  ],
  ['another row', { differing: ['name'], outsideMark: ['name'], isMarked: false }, { state: 'failed' }],
  [
    'soft-deleted and changed',
    { differing: ['name', 'gone'], outsideMark: ['name'], isMarked: true },
    { state: 'failed' },
  ],
])('a restore leaves a row in place that is %s', (_, row, outcome) => {
  expect(backup && presentRowOutcome(backup, row)).toMatchObject(outcome)
})

test('a row that differs only by its soft-delete mark is restored', () => {
  expect(backup && presentRowOutcome(backup, { differing: ['gone'], outsideMark: [], isMarked: true })).toBeUndefined()
})
