import { afterEach, expect, test, vi } from 'vitest'
import { clock } from '../../src/clock/clock.ts'

afterEach(() => {
  vi.useRealTimers()
})

test('the clock is not affected by fake timers', async () => {
  vi.useFakeTimers({ now: 0, toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] })
  expect(Date.now()).toBe(0)
  expect(clock.now()).toBeGreaterThan(1_700_000_000_000)
  expect(clock.iso(0)).toBe('1970-01-01T00:00:00.000Z')
  expect(clock.iso()).not.toMatch(/^1970/)
  const before = clock.monotonic()
  await clock.sleep(2)
  expect(clock.monotonic()).toBeGreaterThan(before)
})

test('timers are those of Node in a simulated browser environment', async () => {
  vi.resetModules()
  vi.stubGlobal('setTimeout', () => 7)
  vi.stubGlobal('clearTimeout', () => {})
  const { clock: fresh } = await import('../../src/clock/clock.ts')
  vi.unstubAllGlobals()
  const timer = fresh.setTimeout(() => {}, 60_000)
  expect(timer.unref()).toBe(timer)
  fresh.clearTimeout(timer)
  expect(timer.hasRef()).toBe(false)
})

test('sleep() rejects with the signal’s reason when aborted before or during it', async () => {
  const reason = new Error('enough')
  await expect(clock.sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason)
  const controller = new AbortController()
  const sleeping = clock.sleep(60_000, controller.signal)
  controller.abort(reason)
  await expect(sleeping).rejects.toBe(reason)
})

test('random() uses all letters and digits in every position, and does not repeat', () => {
  const texts = Array.from({ length: 3000 }, () => clock.random(8))
  expect(new Set(texts).size).toBe(3000)
  for (let place = 0; place < 8; place++) expect(new Set(texts.map((text) => text[place])).size).toBe(36)
  expect(texts.every((text) => /^[a-z0-9]{8}$/.test(text))).toBe(true)
})
