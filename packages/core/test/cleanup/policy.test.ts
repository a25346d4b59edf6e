import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { decide } from '../../src/cleanup/policy.ts'
import type { CleanupOptions, PolicyOverride } from '../../src/config/config.ts'
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
  expect(why).toEqual([
    'the test passed',
    'the test failed',
    'the test was skipped',
    'the run was interrupted',
    'the test was lost',
  ])
})

test('the table in docs/configuration.md is the one that the code follows', () => {
  const page = readFileSync(new URL('../../../../docs/configuration.md', import.meta.url), 'utf8')
  const written = /<!-- policy-table:begin -->\n([\s\S]*?)<!-- policy-table:end -->/.exec(page)?.[1]?.trim()
  expect(written).toBe(policyTable())
})
