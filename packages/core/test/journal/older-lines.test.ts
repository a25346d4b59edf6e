import { expect, test } from 'vitest'
import { isMarked, reasonOf, skippedStepOf } from '../../src/journal/older-lines.ts'

test.each([
  [
    { step: 2, why: 'step 1: by name' },
    { step: 2, why: 'step 1: by name' },
  ],
  [{ why: 'step 12: environment is test' }, { step: 12, why: 'environment is test' }],
  [{ why: 'anything' }, { step: 0, why: 'anything' }],
])('a skipped step %j is read as %j', (line, expected) => {
  expect(skippedStepOf(line)).toEqual(expected)
})

test('a delayed removal is recognised in lines of either version', () => {
  expect(['strategy delayed', 'strategy-delayed', 'the test failed'].map(reasonOf)).toEqual([
    'strategy-delayed',
    'strategy-delayed',
    'the test failed',
  ])
})

test.each([
  [{ result: 'marked' }, true],
  [{ result: 'marked, 200 OK' }, true],
  [{ result: '200 OK', marked: true }, true],
  [{ result: '1 row' }, false],
  [{}, false],
] as const)('isMarked() for %j: %s', (outcome, expected) => {
  expect(isMarked({ state: 'removed', ...outcome })).toBe(expected)
})
