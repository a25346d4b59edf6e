/** Tells the configuration's hooks that a run has been cleaned up. A hook that fails is a warning. */

import { late, untilDeadline } from '../cleanup/deadline.ts'
import { clock } from '../clock/clock.ts'
import type { CleanupHook, CleanupSummary } from '../config/config.ts'
import type { Settings } from '../config/settings.ts'
import { messageOf } from '../errors/dustpan-error.ts'
import { postJson } from '../http/post-json.ts'
import type { CleanupReport } from '../report/model.ts'
import type { Json } from '../resource/resource.ts'
import { fillJson } from '../resource/template.ts'

export interface HookedRun {
  report(): CleanupReport
  warn(code: 'DUSTPAN_HOOK_FAILED', message: string): void
}

export async function runHooks({ cleanup }: Settings, run: HookedRun): Promise<void> {
  if (cleanup.hooks.length === 0) return
  const summary = summaryOf(run.report())
  for (const hook of cleanup.hooks) {
    try {
      const done = await untilDeadline(clock.now() + cleanup.timeoutMs, () => callHook(hook, summary))
      if (done === late) throw new Error(`it took longer than ${cleanup.timeoutMs} ms`)
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
    removed: totals.removed + totals['already-gone'] + totals.gone,
    kept: totals.kept,
    failed: totals.failed + totals.refused + totals.pending + totals.lost,
    durationMs: totals.durationMs,
  }
}

async function callHook({ run, url, method = 'POST', headers = {}, body }: CleanupHook, summary: CleanupSummary) {
  if (run) return void (await run(summary))
  const values = new Map<string, Json>(Object.entries(summary))
  const filled = body === undefined ? summary : fillJson(body as Json, (name) => values.get(name))
  await postJson(url as string, method, headers, filled)
}
