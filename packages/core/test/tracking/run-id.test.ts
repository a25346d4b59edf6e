import { expect, test } from 'vitest'
import { newRunId, runStart, sharedRunId } from '../../src/tracking/run-id.ts'

const noon = Date.UTC(2026, 10, 21, 12)

test('processes that share the same have the same run, any other has another', () => {
  expect(sharedRunId(noon, 'host', '12')).toBe(sharedRunId(noon, 'host', '12'))
  const others = [
    sharedRunId(noon, 'host', '13'),
    sharedRunId(noon, 'hos', 't12'),
    sharedRunId(noon + 1000, 'host', '12'),
  ]
  expect(new Set([sharedRunId(noon, 'host', '12'), ...others]).size).toBe(4)
})

test('an id is the same in shape however it came about, and tells when the run began', () => {
  const shape = /^\d{8}-\d{6}-[a-z0-9]{6}$/
  expect(newRunId()).toMatch(shape)
  expect(sharedRunId(noon, 'host', '12')).toMatch(shape)
  expect(runStart(sharedRunId(noon, 'host', '12'))).toEqual({ from: noon, to: noon + 2000 })
})

test('to the millisecond: what was written in the same second before it, is nobody’s', () => {
  const before = Date.now()
  const start = runStart(newRunId())
  expect(start?.from).toBe(start?.to)
  expect(start?.from).toBeGreaterThanOrEqual(before)
  expect(start?.to).toBeLessThanOrEqual(Date.now())
})
