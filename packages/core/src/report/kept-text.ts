import type { ReportedScope } from './model.ts'

/** `kept: the test failed, until 2026-11-22 05:12 UTC`; empty if nothing is kept. */
export function keptText({ decision, why = '', delayed, keptUntil }: ReportedScope): string {
  if (decision !== 'keep') return ''
  if (keptUntil === undefined) return `kept: ${why}`
  const time = `${keptUntil.slice(0, 16).replace('T', ' ')} UTC`
  return delayed ? `to be removed at ${time}: ${why}` : `kept: ${why}, until ${time}`
}
