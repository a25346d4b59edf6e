/** Alerts for earlier runs whose cleanup failed as a whole, for example because a driver does not load. */
import type { Alert } from '../config/alerts.ts'
import type { Settings } from '../config/settings.ts'
import { redact } from '../report/redact.ts'

export interface FailedRun {
  readonly run: string
  readonly error: { readonly code?: string | undefined; readonly message: string; readonly hint?: string | undefined }
}

/** One alert per error. */
export function failedRunAlerts(failed: readonly FailedRun[], { environmentName }: Settings): readonly Alert[] {
  const stuck = failed.filter(({ error }) => error.code !== runLocked)
  return [...Map.groupBy(stuck, ({ error }) => error.code ?? error.message).values()].map((group) => {
    const { code = '', message, hint = '' } = (group[0] as FailedRun).error
    const count = group.length
    const title = `${count} ${count === 1 ? 'run' : 'runs'} could not be cleaned up`
    const text = redact(`Dustpan: ${title}: ${message} ${hint}`.trim())
    const runs = group.slice(0, 10).map(({ run }) => run)
    const where = { environment: environmentName, runs, count, types: { run: count } }
    return {
      about: 'cleanup-failed',
      title,
      text,
      ...where,
      code,
      store: '',
      sample: runs,
      source: '',
      hint: redact(hint),
    }
  })
}

/** Another process is cleaning up the run: no failure. */
const runLocked = 'DUSTPAN_RUN_LOCKED'
