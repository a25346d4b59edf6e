/** Tells whoever is to know that data stays behind: once for each cause, not for each thing. */
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

/** What was found. */
export interface LeftBehind {
  readonly runs: readonly string[]
  /** What was to go, as it is now. */
  readonly resources: readonly Resource[]
  /** Of earlier runs, before they were cleaned up. */
  readonly orphans?: readonly Orphans[]
  /** Runs that could not be cleaned up at all. */
  readonly failed?: readonly FailedRun[]
  /** What was told of before is not told again. */
  readonly isNews?: (alert: Alert) => boolean
}

export type WarnOfAlert = (code: 'DUSTPAN_HOOK_FAILED', message: string) => void

/** Sends what the configuration wants to be told of, and gives it. Never rejects: an alert that fails is a warning. */
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
  await Promise.all(alerts.to.map((hook) => tellAll(hook, all, deadline, warn)))
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

/** After the first that fails, the others would as well. */
async function tellAll(
  hook: AlertSettings['to'][number],
  alerts: readonly Alert[],
  deadline: number,
  warn: WarnOfAlert,
): Promise<void> {
  for (const [i, one] of alerts.entries()) {
    try {
      await callHook(hook, one, deadline)
    } catch (error) {
      const untold = alerts.length - i
      return warn(
        'DUSTPAN_HOOK_FAILED',
        `${untold} ${untold === 1 ? 'alert' : 'alerts'} could not be sent to ${JSON.stringify(hook.name)}: ${messageOf(error)}`,
      )
    }
  }
}
