import { expect, test } from 'vitest'
import { milliseconds } from '../../src/config/duration.ts'

test.each([
  ['24h', 86_400_000],
  ['1.5s', 1500],
  ['500ms', 500],
  [' 2 m ', 120_000],
  ['1d', 86_400_000],
  [250, 250],
  [0, 0],
])('%j is %i ms', (duration, expected) => {
  expect(milliseconds(duration)).toBe(expected)
})

test.each(['', '5', 'h', '1w', '-1s', '1h30m', -1, Number.NaN, Number.POSITIVE_INFINITY, null, true, {}])(
  '%j is not a duration',
  (duration) => {
    expect(milliseconds(duration)).toBeUndefined()
  },
)
