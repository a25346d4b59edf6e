/** The table of docs/configuration.md: a test's data by strategy and outcome, as `decide()` returns it. */

import type { CleanupOptions } from '../../src/config/cleanup-options.ts'
import { decide } from '../../src/planning/policy.ts'
import type { Verdict } from '../../src/resource/resource.ts'
import { settingsOf } from '../settings.ts'

const outcomes: readonly { title: string; verdict: Verdict; willRetry?: true }[] = [
  { title: 'passed', verdict: 'passed' },
  { title: 'failed', verdict: 'failed' },
  { title: 'expected failure', verdict: 'passed' },
  { title: 'skipped', verdict: 'skipped' },
  { title: 'interrupted', verdict: 'interrupted' },
  { title: 'lost', verdict: 'lost' },
  { title: 'tried again', verdict: 'failed', willRetry: true },
]

const rows: readonly { title: string; cleanup?: CleanupOptions; keep?: string }[] = [
  { title: '`immediate`', cleanup: { strategy: 'immediate' } },
  { title: '`conditional`', cleanup: { strategy: 'conditional' } },
  { title: '`conditional`, `onFailure: true`', cleanup: { strategy: 'conditional', onFailure: true } },
  { title: '`conditional`, `onSuccess: false`', cleanup: { strategy: 'conditional', onSuccess: false } },
  { title: '`delayed`', cleanup: { strategy: 'delayed' } },
  { title: '`manual`', cleanup: { strategy: 'manual' } },
  { title: '`autoCleanup: false`', cleanup: { autoCleanup: false } },
  { title: '`immediate`, `DUSTPAN_KEEP=failed`', cleanup: { strategy: 'immediate' }, keep: 'failed' },
  { title: '`manual`, `DUSTPAN_KEEP=failed`', cleanup: { strategy: 'manual' }, keep: 'failed' },
  { title: 'any, `DUSTPAN_KEEP=none`', cleanup: { strategy: 'manual' }, keep: 'none' },
  { title: 'any, `DUSTPAN_KEEP=all`', cleanup: { strategy: 'immediate' }, keep: 'all' },
]

/** Markdown, without a newline at its end. */
export function policyTable(): string {
  const table = [
    ['', ...outcomes.map(({ title }) => title)],
    ...rows.map(({ title, cleanup = {}, keep }) => {
      const settings = settingsOf({ cleanup }, keep === undefined ? {} : { DUSTPAN_KEEP: keep })
      const decisions = outcomes.map(
        ({ verdict, willRetry = false }) => decide(settings, {}, { verdict, willRetry }).decision,
      )
      return [title, ...decisions]
    }),
  ]
  const widths = (table[0] as string[]).map((_, column) =>
    Math.max(...table.map((row) => (row[column] as string).length)),
  )
  const line = (row: readonly string[]) => `| ${row.map((cell, i) => cell.padEnd(widths[i] as number)).join(' | ')} |`
  const rule = line(widths.map((width) => '-'.repeat(width)))
  const [head, ...body] = table.map(line)
  return [head, rule, ...body].join('\n')
}
