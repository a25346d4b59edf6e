import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { CleanupOptions, PolicyOverride } from '../../src/config/cleanup-options.ts'
import { decide, keptUntil } from '../../src/planning/policy.ts'
import type { Verdict } from '../../src/resource/resource.ts'
import { policyTable } from '../cleanup/policy-table.ts'
import { settingsOf } from '../settings.ts'

const verdicts: readonly Verdict[] = ['passed', 'failed', 'skipped', 'interrupted', 'lost']

/** r: removed, k: kept; one letter per verdict, then one for an attempt that is retried. */
const table: readonly [title: string, CleanupOptions, keep: string, PolicyOverride, expected: string][] = [
  ['immediate', {}, '', {}, 'rrrrr r'],
  ['immediate ignores onSuccess and onFailure', { onSuccess: false, onFailure: false }, '', {}, 'rrrrr r'],
  ['conditional', { strategy: 'conditional' }, '', {}, 'rkrrk r'],
  ['conditional onFailure', { strategy: 'conditional', onFailure: true }, '', {}, 'rrrrr r'],
  ['conditional without onSuccess', { strategy: 'conditional', onSuccess: false }, '', {}, 'kkkrk r'],
  ['manual', { strategy: 'manual' }, '', {}, 'kkkkk r'],
  ['delayed', { strategy: 'delayed' }, '', {}, 'kkkkk r'],
  ['delayed ignores onFailure', { strategy: 'delayed', onFailure: true }, '', {}, 'kkkkk r'],
  ['KEEP=none overrides delayed', { strategy: 'delayed' }, 'none', {}, 'rrrrr r'],
  ['a test with strategy delayed', {}, '', { strategy: 'delayed' }, 'kkkkk r'],
  ['autoCleanup off', { autoCleanup: false }, '', {}, 'kkkkk k'],
  ['autoCleanup off overrides KEEP=none', { autoCleanup: false }, 'none', {}, 'kkkkk k'],
  ['KEEP=all', {}, 'all', {}, 'kkkkk k'],
  ['KEEP=none overrides manual', { strategy: 'manual' }, 'none', {}, 'rrrrr r'],
  ['KEEP=none overrides conditional', { strategy: 'conditional' }, 'none', {}, 'rrrrr r'],
  ['KEEP=failed overrides immediate', {}, 'failed', {}, 'rkrrk r'],
  ['KEEP=failed overrides onFailure', { strategy: 'conditional', onFailure: true }, 'failed', {}, 'rkrrk r'],
  ['KEEP=failed does not override manual', { strategy: 'manual' }, 'failed', {}, 'kkkkk r'],
  ['a test with strategy manual', {}, '', { strategy: 'manual' }, 'kkkkk r'],
  ['a test with strategy conditional', {}, '', { strategy: 'conditional' }, 'rkrrk r'],
  ['a test with strategy immediate', { strategy: 'manual' }, '', { strategy: 'immediate' }, 'rrrrr r'],
  ['a test with onFailure', { strategy: 'conditional' }, '', { onFailure: true }, 'rrrrr r'],
  ['KEEP=none overrides a test', {}, 'none', { strategy: 'manual' }, 'rrrrr r'],
  ['KEEP=all overrides a test', {}, 'all', { strategy: 'immediate' }, 'kkkkk k'],
]

test.each(table)('decision: %s', (_, cleanup, keep, override, expected) => {
  const settings = settingsOf({ cleanup }, { DUSTPAN_KEEP: keep })
  const letter = (verdict: Verdict, willRetry: boolean) =>
    decide(settings, override, { verdict, willRetry }).decision[0]
  const found = `${verdicts.map((verdict) => letter(verdict, false)).join('')} ${letter('failed', true)}`
  expect(found).toBe(expected)
})

test('every decision has a reason', () => {
  const settings = settingsOf({ cleanup: { strategy: 'conditional' } })
  const why = verdicts.map((verdict) => decide(settings, {}, { verdict, willRetry: false }).why)
  expect(why).toEqual(['test-passed', 'test-failed', 'test-skipped', 'run-interrupted', 'test-lost'])
})

test.each<[string, CleanupOptions, string, PolicyOverride, Verdict, number | undefined]>([
  ['delayed: an hour by default', { strategy: 'delayed' }, '', {}, 'passed', 3_600_000],
  ['delayed: the same after a failure', { strategy: 'delayed', keepFor: '7d' }, '', {}, 'failed', 3_600_000],
  ['delayed: as configured', { strategy: 'delayed', delay: '90s' }, '', {}, 'passed', 90_000],
  ['delayed: as the test says', { strategy: 'delayed' }, '', { delay: '5m' }, 'passed', 300_000],
  ['delayed by the test', { delay: '2h' }, '', { strategy: 'delayed' }, 'lost', 7_200_000],
  ['conditional by the test', { strategy: 'delayed' }, '', { strategy: 'conditional' }, 'failed', 86_400_000],
  ['KEEP=all', { strategy: 'delayed' }, 'all', {}, 'passed', 86_400_000],
  ['KEEP=failed, failed', { strategy: 'delayed' }, 'failed', {}, 'failed', 86_400_000],
  ['KEEP=failed, passed', { strategy: 'delayed' }, 'failed', {}, 'passed', 3_600_000],
  ['conditional: keepFor', { strategy: 'conditional', keepFor: '2h' }, '', {}, 'failed', 7_200_000],
  ['manual: no end', { strategy: 'manual' }, '', {}, 'failed', undefined],
  ['autoCleanup off: no end', { strategy: 'delayed', autoCleanup: false }, '', {}, 'failed', undefined],
])('how long resources are kept: %s', (_, cleanup, keep, override, verdict, expected) => {
  const settings = settingsOf({ cleanup }, { DUSTPAN_KEEP: keep })
  const { until } = keptUntil(settings, override, 1_000_000, verdict)
  expect(until === undefined ? undefined : until - 1_000_000).toBe(expected)
})

test('docs/configuration.md shows the current policy table', () => {
  const page = readFileSync(new URL('../../../../docs/configuration.md', import.meta.url), 'utf8')
  const written = /<!-- policy-table:begin -->\n([\s\S]*?)<!-- policy-table:end -->/.exec(page)?.[1]?.trim()
  expect(written).toBe(policyTable())
})
