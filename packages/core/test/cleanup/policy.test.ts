import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { decide, keptUntil } from '../../src/cleanup/policy.ts'
import type { CleanupOptions, PolicyOverride } from '../../src/config/cleanup-options.ts'
import type { Verdict } from '../../src/resource/resource.ts'
import { settingsOf } from '../settings.ts'
import { policyTable } from './policy-table.ts'

const verdicts: readonly Verdict[] = ['passed', 'failed', 'skipped', 'interrupted', 'lost']

/** r: removed, k: kept; in the order of the verdicts, then for an attempt that is tried again. */
const table: readonly [title: string, CleanupOptions, keep: string, PolicyOverride, expected: string][] = [
  ['immediate', {}, '', {}, 'rrrrr r'],
  ['immediate: the switches of conditional do not count', { onSuccess: false, onFailure: false }, '', {}, 'rrrrr r'],
  ['conditional', { strategy: 'conditional' }, '', {}, 'rkrrk r'],
  ['conditional onFailure', { strategy: 'conditional', onFailure: true }, '', {}, 'rrrrr r'],
  ['conditional without onSuccess', { strategy: 'conditional', onSuccess: false }, '', {}, 'kkkrk r'],
  ['manual', { strategy: 'manual' }, '', {}, 'kkkkk r'],
  ['delayed', { strategy: 'delayed' }, '', {}, 'kkkkk r'],
  ['delayed: the switches of conditional do not count', { strategy: 'delayed', onFailure: true }, '', {}, 'kkkkk r'],
  ['KEEP=none is stronger than delayed', { strategy: 'delayed' }, 'none', {}, 'rrrrr r'],
  ['a test that says delayed', {}, '', { strategy: 'delayed' }, 'kkkkk r'],
  ['autoCleanup off', { autoCleanup: false }, '', {}, 'kkkkk k'],
  ['autoCleanup off is stronger than KEEP=none', { autoCleanup: false }, 'none', {}, 'kkkkk k'],
  ['KEEP=all', {}, 'all', {}, 'kkkkk k'],
  ['KEEP=none is stronger than manual', { strategy: 'manual' }, 'none', {}, 'rrrrr r'],
  ['KEEP=none is stronger than conditional', { strategy: 'conditional' }, 'none', {}, 'rrrrr r'],
  ['KEEP=failed over immediate', {}, 'failed', {}, 'rkrrk r'],
  ['KEEP=failed over onFailure', { strategy: 'conditional', onFailure: true }, 'failed', {}, 'rkrrk r'],
  ['KEEP=failed leaves manual alone', { strategy: 'manual' }, 'failed', {}, 'kkkkk r'],
  ['a test that says manual', {}, '', { strategy: 'manual' }, 'kkkkk r'],
  ['a test that says conditional', {}, '', { strategy: 'conditional' }, 'rkrrk r'],
  ['a test that says immediate', { strategy: 'manual' }, '', { strategy: 'immediate' }, 'rrrrr r'],
  ['a test that says onFailure', { strategy: 'conditional' }, '', { onFailure: true }, 'rrrrr r'],
  ['KEEP=none is stronger than a test', {}, 'none', { strategy: 'manual' }, 'rrrrr r'],
  ['KEEP=all is stronger than a test', {}, 'all', { strategy: 'immediate' }, 'kkkkk k'],
]

test.each(table)('%s', (_, cleanup, keep, override, expected) => {
  const settings = settingsOf({ cleanup }, { DUSTPAN_KEEP: keep })
  const letter = (verdict: Verdict, willRetry: boolean) =>
    decide(settings, override, { verdict, willRetry }).decision[0]
  const found = `${verdicts.map((verdict) => letter(verdict, false)).join('')} ${letter('failed', true)}`
  expect(found).toBe(expected)
})

test('every decision says why', () => {
  const settings = settingsOf({ cleanup: { strategy: 'conditional' } })
  const why = verdicts.map((verdict) => decide(settings, {}, { verdict, willRetry: false }).why)
  expect(why).toEqual(['test-passed', 'test-failed', 'test-skipped', 'run-interrupted', 'test-lost'])
})

test.each<[string, CleanupOptions, string, PolicyOverride, Verdict, number | undefined]>([
  ['delayed: an hour', { strategy: 'delayed' }, '', {}, 'passed', 3_600_000],
  ['delayed: as long after a failure', { strategy: 'delayed', keepFor: '7d' }, '', {}, 'failed', 3_600_000],
  ['delayed: as the configuration says', { strategy: 'delayed', delay: '90s' }, '', {}, 'passed', 90_000],
  ['delayed: as the test says', { strategy: 'delayed' }, '', { delay: '5m' }, 'passed', 300_000],
  ['a test that says delayed', { delay: '2h' }, '', { strategy: 'delayed' }, 'lost', 7_200_000],
  ['a test that says conditional', { strategy: 'delayed' }, '', { strategy: 'conditional' }, 'failed', 86_400_000],
  ['KEEP=all', { strategy: 'delayed' }, 'all', {}, 'passed', 86_400_000],
  ['KEEP=failed, when it failed', { strategy: 'delayed' }, 'failed', {}, 'failed', 86_400_000],
  ['KEEP=failed, when it passed', { strategy: 'delayed' }, 'failed', {}, 'passed', 3_600_000],
  ['conditional: keepFor', { strategy: 'conditional', keepFor: '2h' }, '', {}, 'failed', 7_200_000],
  ['manual: for good', { strategy: 'manual' }, '', {}, 'failed', undefined],
  ['autoCleanup off: for good', { strategy: 'delayed', autoCleanup: false }, '', {}, 'failed', undefined],
])('how long kept things stay: %s', (_, cleanup, keep, override, verdict, expected) => {
  const settings = settingsOf({ cleanup }, { DUSTPAN_KEEP: keep })
  const { until } = keptUntil(settings, override, 1_000_000, verdict)
  expect(until === undefined ? undefined : until - 1_000_000).toBe(expected)
})

test('the table in docs/configuration.md is the one that the code follows', () => {
  const page = readFileSync(new URL('../../../../docs/configuration.md', import.meta.url), 'utf8')
  const written = /<!-- policy-table:begin -->\n([\s\S]*?)<!-- policy-table:end -->/.exec(page)?.[1]?.trim()
  expect(written).toBe(policyTable())
})
