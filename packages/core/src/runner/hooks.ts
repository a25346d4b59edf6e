/** Tells the configuration's hooks that a run has been cleaned up. A hook that fails is a warning. */

import type { CleanupHook, CleanupSummary } from '../config/config.ts'
import { configFunctions } from '../config/functions.ts'
import type { Settings } from '../config/settings.ts'
import { messageOf } from '../errors/dustpan-error.ts'
import { postJson } from '../http/post-json.ts'
import type { CleanupReport } from '../report/model.ts'

export interface HookedRun {
  report(): CleanupReport
  warn(code: 'DUSTPAN_HOOK_FAILED', message: string): void
}

export async function runHooks(settings: Settings, run: HookedRun): Promise<void> {
  if (settings.cleanup.hooks.length === 0) return
  const functions = configFunctions(settings.file)
  const summary = summaryOf(run.report())
  for (const hook of settings.cleanup.hooks) {
    try {
      await callHook(hook, functions.config().cleanup?.hooks?.find(({ name }) => name === hook.name) ?? hook, summary)
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

async function callHook(hook: CleanupHook, { run }: CleanupHook, summary: CleanupSummary): Promise<void> {
  if (run) return void (await run(summary))
  const body = hook.body === undefined ? summary : filled(hook.body, summary)
  await postJson(hook.url as string, hook.method ?? 'POST', hook.headers ?? {}, body)
}

/** `{runId}` and the counts in the strings of the body; a string that is nothing else keeps the value's type. */
function filled(body: unknown, summary: CleanupSummary): unknown {
  if (typeof body === 'string') {
    const whole = /^\{(\w+)\}$/.exec(body)?.[1]
    if (whole !== undefined && whole in summary) return summary[whole as keyof CleanupSummary]
    return body.replaceAll(/\{(\w+)\}/g, (text, name: string) => String(summary[name as keyof CleanupSummary] ?? text))
  }
  if (Array.isArray(body)) return body.map((item) => filled(item, summary))
  if (typeof body === 'object' && body !== null) {
    return Object.fromEntries(Object.entries(body).map(([key, value]) => [key, filled(value, summary)]))
  }
  return body
}
