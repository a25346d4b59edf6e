import { expect, test } from 'vitest'
import { newRunId, runStart, sharedRunId } from '../../src/tracking/run-id.ts'

const noon = Date.UTC(2026, 10, 21, 12)

test('sharedRunId() is equal for equal parts only', () => {
  expect(sharedRunId(noon, 'host', '12')).toBe(sharedRunId(noon, 'host', '12'))
  const others = [
    sharedRunId(noon, 'host', '13'),
    sharedRunId(noon, 'hos', 't12'),
    sharedRunId(noon + 1000, 'host', '12'),
  ]
  expect(new Set([sharedRunId(noon, 'host', '12'), ...others]).size).toBe(4)
})

test('run ids have one format and contain the start time', () => {
  const shape = /^\d{8}-\d{6}-[a-z0-9]{6}$/
  expect(newRunId()).toMatch(shape)
  expect(sharedRunId(noon, 'host', '12')).toMatch(shape)
  expect(runStart(sharedRunId(noon, 'host', '12'))).toEqual({ from: noon, to: noon + 2000 })
})

test('the start of a new run id is exact to the millisecond', () => {
  const before = Date.now()
  const start = runStart(newRunId())
  expect(start?.from).toBe(start?.to)
  expect(start?.from).toBeGreaterThanOrEqual(before)
  expect(start?.to).toBeLessThanOrEqual(Date.now())
})
