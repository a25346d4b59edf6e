/** When a scope's data goes: strategy × outcome. docs/configuration.md shows the same table, and a test holds them together. */
import type { PolicyOverride } from '../config/cleanup-options.ts'
import { milliseconds } from '../config/duration.ts'
import type { CleanupSettings, Settings } from '../config/settings.ts'
import type { Decision } from '../ledger/events.ts'
import type { Verdict } from '../resource/resource.ts'

export interface PolicyInput {
  readonly verdict: Verdict
  /** Of several attempts only the last is ever kept. */
  readonly willRetry: boolean
}

export interface PolicyDecision {
  readonly decision: Exclude<Decision, 'defer'>
  /** For the ledger and the report. */
  readonly why: string
}

const remove = (why: string): PolicyDecision => ({ decision: 'remove', why })
const keep = (why: string): PolicyDecision => ({ decision: 'keep', why })

export function decide(
  settings: Pick<Settings, 'cleanup' | 'keep'>,
  override: PolicyOverride,
  outcome: PolicyInput,
): PolicyDecision {
  const { verdict, willRetry } = outcome
  if (settings.keep === 'all') return keep('DUSTPAN_KEEP=all')
  if (!settings.cleanup.autoCleanup) return keep('autoCleanup is off')
  if (willRetry) return remove('the test is tried again')
  if (settings.keep === 'none') return remove('DUSTPAN_KEEP=none')
  if (settings.keep === 'failed' && failed(verdict)) return keep('DUSTPAN_KEEP=failed')
  return byStrategy({ ...settings.cleanup, ...override }, verdict)
}

/** How long what is kept from now on stays, as an end or as none: where nothing is to go by itself, that holds for good. */
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

/** A lost test (its process died) is looked at like a failed one. */
const failed = (verdict: Verdict): boolean => verdict === 'failed' || verdict === 'lost'

function byStrategy({ strategy, onSuccess, onFailure }: CleanupSettings, verdict: Verdict): PolicyDecision {
  if (strategy === 'manual') return keep('strategy manual')
  if (strategy === 'delayed') return keep('strategy delayed')
  if (strategy === 'immediate') return remove('strategy immediate')
  if (verdict === 'interrupted') return remove('the run was interrupted')
  if (failed(verdict))
    return onFailure ? remove('onFailure') : keep(`the test ${verdict === 'lost' ? 'was lost' : 'failed'}`)
  return onSuccess ? remove(`the test ${verdict === 'skipped' ? 'was skipped' : verdict}`) : keep('onSuccess is off')
}
