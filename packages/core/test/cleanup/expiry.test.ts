import { expect, test } from 'vitest'
import { isOverdue } from '../../src/cleanup/expiry.ts'
import type { FoldedRun } from '../../src/ledger/folded-run.ts'
import type { Resource, ResourceSet } from '../../src/resource/resource.ts'
import { settingsOf } from '../settings.ts'

const minute = 60_000

test.each<[string, Partial<ResourceSet>, Resource['state'], number, boolean]>([
  ["a test's thing after an hour", {}, 'live', 60, true],
  ["a test's thing before that", {}, 'live', 59, false],
  ['one that could not be removed', {}, 'failed', 60, true],
  ['one that is kept', {}, 'kept', 600, false],
  ['one that is kept, and expires', { expiresAt: 10 * minute }, 'kept', 10, true],
  ["a file's thing", { lifetime: 'file' }, 'live', 600, false],
  ["the run's", { lifetime: 'run' }, 'live', 600, false],
  ['a persistent one', { lifetime: 'persistent' }, 'live', 6000, false],
  ['a persistent one that expires', { lifetime: 'persistent', expiresAt: 30 * minute }, 'live', 30, true],
])('%s', (_, more, state, minutes, expected) => {
  const set = { lifetime: 'test', ...more } as ResourceSet
  const resource = { set, state, createdAt: 0 } as Resource
  expect(isOverdue(resource, settingsOf(), { writers: [] }, minutes * minute)).toBe(expected)
})

test('a thing of another machine’s test is never too old: that one’s clock may be hours off', () => {
  const resource = { set: { lifetime: 'test' }, state: 'live', createdAt: 0 } as Resource
  const writers = (role: string, elsewhere?: true) => [{ role, elsewhere }] as unknown as FoldedRun['writers']
  const isIts = (of: FoldedRun['writers']) => isOverdue(resource, settingsOf(), { writers: of }, 600 * minute)
  expect(isIts(writers('worker', true))).toBe(false)
  expect(isIts(writers('worker'))).toBe(true)
  expect(isIts([...writers('worker'), ...writers('cli', true)])).toBe(true)
})

test('a test is not given more than a day', () => {
  expect(settingsOf({ cleanup: { maxAge: '24h' } }).cleanup.maxAgeMs).toBe(24 * 60 * minute)
  expect(() => settingsOf({ cleanup: { maxAge: '25h' } })).toThrow('cleanup.maxAge: expected at most 24h')
})
