/** Sends alerts when data stays behind: one per cause, not one per resource. */
import { clock } from '../clock/clock.ts'
import type { Alert, AlertSettings } from '../config/alerts.ts'
import type { Settings } from '../config/settings.ts'
import { messageOf } from '../errors/dustpan-error.ts'
import type { Orphans } from '../recovery/orphans.ts'
import { type Cause, causesOf } from '../report/causes.ts'
import type { Resource } from '../resource/resource.ts'
import { callHook } from './call-hook.ts'
import { type FailedRun, failedRunAlerts } from './failed-run-alerts.ts'
import { orphansAlert } from './orphans-alert.ts'

export interface LeftBehind {
  readonly runs: readonly string[]
  /** Resources that were due for removal, in their present state. */
  readonly resources: readonly Resource[]
  /** Orphans of earlier runs, as they were before cleanup. */
  readonly orphans?: readonly Orphans[]
  /** Runs whose cleanup failed as a whole. */
  readonly failed?: readonly FailedRun[]
  /** False for alerts that were sent before; these are not sent again. @default every alert is new */
  readonly isNews?: (alert: Alert) => boolean
}

export type WarnOfAlert = (code: 'DUSTPAN_HOOK_FAILED', message: string) => void

/** Sends the alerts that the configuration asks for, and returns them. Never rejects: an alert that fails becomes a warning. */
export async function sendAlerts(settings: Settings, found: LeftBehind, warn: WarnOfAlert): Promise<readonly Alert[]> {
  const { alerts, cleanup } = settings
  if (!alerts) return []
  const { orphans = [], failed = [], resources, isNews = () => true } = found
  const failures = () => [
    ...failedRunAlerts(failed, settings),
    ...causesOf(resources).map((cause) => failureAlert(cause, found, settings)),
  ]
  const all = [...orphansAlert(orphans, settings), ...(alerts.onFailure ? failures() : [])].filter(isNews)
  const deadline = clock.now() + cleanup.timeoutMs
  await Promise.all(alerts.to.map((hook) => sendAll(hook, all, deadline, warn)))
  return all
}

function failureAlert({ message, ...cause }: Cause, { runs }: LeftBehind, { environmentName }: Settings): Alert {
  const { types, store, source, hint } = cause
  const title = `${kinds(types)} in ${store} could not be removed`
  const from = source === '' ? '' : ` The first was created at ${source}.`
  const run = runs.length === 1 ? ` npx dustpan list ${runs[0]}` : ''
  const text = `Dustpan: ${title}: ${sentence(message)}${from}${hint === '' ? '' : ` ${sentence(hint)}`}${run}`
  return {
    about: 'cleanup-failed',
    title,
    text,
    environment: environmentName,
    runs: runs.slice(0, 10),
    ...cause,
  }
}

/** `1,000 user, 20 order`. */
const kinds = (types: Alert['types']): string =>
  Object.entries(types)
    .map(([type, count]) => `${count.toLocaleString('en')} ${type}`)
    .join(', ')

const sentence = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`)

/** Stops at the first failure: the other alerts would fail as well. */
async function sendAll(
  hook: AlertSettings['to'][number],
  alerts: readonly Alert[],
  deadline: number,
  warn: WarnOfAlert,
): Promise<void> {
  for (const [i, alert] of alerts.entries()) {
    try {
      await callHook(hook, alert, deadline)
    } catch (error) {
      const unsent = alerts.length - i
      return warn(
        'DUSTPAN_HOOK_FAILED',
        `${unsent} ${unsent === 1 ? 'alert' : 'alerts'} could not be sent to ${JSON.stringify(hook.name)}: ${messageOf(error)}`,
      )
    }
  }
}
