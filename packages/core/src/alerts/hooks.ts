/** Calls the configured cleanup hooks once a run has been cleaned up. A hook that fails becomes a warning. */

import { clock } from '../clock/clock.ts'
import type { CleanupSummary } from '../config/cleanup-options.ts'
import type { Settings } from '../config/settings.ts'
import { messageOf } from '../errors/dustpan-error.ts'
import type { CleanupReport } from '../report/model.ts'
import { callHook } from './call-hook.ts'

export interface HookedRun {
  report(): CleanupReport
  warn(code: 'DUSTPAN_HOOK_FAILED', message: string): void
}

export async function runHooks({ cleanup }: Settings, run: HookedRun): Promise<void> {
  if (cleanup.hooks.length === 0) return
  const summary = summaryOf(run.report())
  for (const hook of cleanup.hooks) {
    try {
      await callHook(hook, summary, clock.now() + cleanup.timeoutMs)
    } catch (error) {
      run.warn('DUSTPAN_HOOK_FAILED', `The cleanup hook ${JSON.stringify(hook.name)} failed: ${messageOf(error)}`)
    }
  }
}

function summaryOf({ run, totals }: CleanupReport): CleanupSummary {
  return {
    runId: run.id,
    environment: run.environment,
    tracked: totals.tracked,
    removed: totals.removed + totals['already-gone'] + totals.gone - (totals.neverSeen ?? 0),
    kept: totals.kept,
    failed: totals.failed + totals.refused + totals.pending + totals.lost,
    durationMs: totals.durationMs,
  }
}
