/** Decides whether a scope's data is removed or kept: strategy × outcome. docs/configuration.md has the same table; a test keeps both in step. */
import type { PolicyOverride } from '../config/cleanup-options.ts'
import { milliseconds } from '../config/duration.ts'
import type { CleanupSettings, Settings } from '../config/settings.ts'
import type { Decision, PolicyReason } from '../journal/events.ts'
import type { Verdict } from '../resource/resource.ts'

export interface PolicyInput {
  readonly verdict: Verdict
  /** Of several attempts only the last one is ever kept. */
  readonly willRetry: boolean
}

export interface PolicyDecision {
  readonly decision: Exclude<Decision, 'defer'>
  readonly why: PolicyReason
}

const remove = (why: PolicyReason): PolicyDecision => ({ decision: 'remove', why })
const keep = (why: PolicyReason): PolicyDecision => ({ decision: 'keep', why })

export function decide(
  settings: Pick<Settings, 'cleanup' | 'keep'>,
  override: PolicyOverride,
  outcome: PolicyInput,
): PolicyDecision {
  const { verdict, willRetry } = outcome
  if (settings.keep === 'all') return keep('keep-all')
  if (!settings.cleanup.autoCleanup) return keep('auto-cleanup-off')
  if (willRetry) return remove('will-retry')
  if (settings.keep === 'none') return remove('keep-none')
  if (settings.keep === 'failed' && failed(verdict)) return keep('keep-failed')
  return byStrategy({ ...settings.cleanup, ...override }, verdict)
}

/** The end of the keep time, or none if nothing is removed automatically: then it is kept until somebody removes it. */
export function keptUntil(
  { cleanup, keep }: Pick<Settings, 'cleanup' | 'keep'>,
  { strategy = cleanup.strategy, delay }: PolicyOverride,
  now: number,
  verdict?: Verdict,
): { readonly until?: number } {
  if (!cleanup.autoCleanup || strategy === 'manual') return {}
  const isAskedFor = keep === 'all' || (keep === 'failed' && verdict !== undefined && failed(verdict))
  if (strategy !== 'delayed' || isAskedFor) return { until: now + cleanup.keepForMs }
  return { until: now + (milliseconds(delay) ?? cleanup.delayMs) }
}

/** A lost test (its process died) is treated like a failed one. */
const failed = (verdict: Verdict): boolean => verdict === 'failed' || verdict === 'lost'

function byStrategy({ strategy, onSuccess, onFailure }: CleanupSettings, verdict: Verdict): PolicyDecision {
  if (strategy === 'manual' || strategy === 'delayed') return keep(`strategy-${strategy}`)
  if (strategy === 'immediate') return remove('strategy-immediate')
  if (verdict === 'interrupted') return remove('run-interrupted')
  if (failed(verdict)) return onFailure ? remove('on-failure') : keep(`test-${verdict}`)
  return onSuccess ? remove(`test-${verdict}`) : keep('on-success-off')
}
