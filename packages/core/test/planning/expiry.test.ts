import { expect, test } from 'vitest'
import type { FoldedRun } from '../../src/ledger/folded-run.ts'
import { isOverdue } from '../../src/planning/expiry.ts'
import type { Resource, ResourceSet } from '../../src/resource/resource.ts'
import { settingsOf } from '../settings.ts'

const minute = 60_000

test.each<[string, Partial<ResourceSet>, Resource['state'], number, boolean]>([
  ['a test’s resource is overdue after an hour', {}, 'live', 60, true],
  ['a test’s resource is not overdue before an hour', {}, 'live', 59, false],
  ['a failed resource is overdue after an hour', {}, 'failed', 60, true],
  ['a kept resource is not overdue', {}, 'kept', 600, false],
  ['a kept resource is overdue once it expires', { expiresAt: 10 * minute }, 'kept', 10, true],
  ['a file’s resource is not overdue', { lifetime: 'file' }, 'live', 600, false],
  ['a run’s resource is not overdue', { lifetime: 'run' }, 'live', 600, false],
  ['a persistent resource is not overdue', { lifetime: 'persistent' }, 'live', 6000, false],
  [
    'a persistent resource is overdue once it expires',
    { lifetime: 'persistent', expiresAt: 30 * minute },
    'live',
    30,
    true,
  ],
])('%s', (_, more, state, minutes, expected) => {
  const set = { lifetime: 'test', ...more } as ResourceSet
  const resource = { set, state, createdAt: 0 } as Resource
  expect(isOverdue(resource, settingsOf(), { writers: [] }, minutes * minute)).toBe(expected)
})

test('a resource of another machine’s test is not overdue, as that clock may be hours off', () => {
  const resource = { set: { lifetime: 'test' }, state: 'live', createdAt: 0 } as Resource
  const writers = (role: string, elsewhere?: true) => [{ role, elsewhere }] as unknown as FoldedRun['writers']
  const isOverdueWith = (of: FoldedRun['writers']) => isOverdue(resource, settingsOf(), { writers: of }, 600 * minute)
  expect(isOverdueWith(writers('worker', true))).toBe(false)
  expect(isOverdueWith(writers('worker'))).toBe(true)
  expect(isOverdueWith([...writers('worker'), ...writers('cli', true)])).toBe(true)
})

test('cleanup.maxAge is at most 24h', () => {
  expect(settingsOf({ cleanup: { maxAge: '24h' } }).cleanup.maxAgeMs).toBe(24 * 60 * minute)
  expect(() => settingsOf({ cleanup: { maxAge: '25h' } })).toThrow('cleanup.maxAge: expected at most 24h')
})
