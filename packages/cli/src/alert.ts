/** Sends the configured alerts about resources that were left behind. */
import { type LeftBehind, renderGithubAlerts, type Settings, sendAlerts } from '@dustpan/core/ledger'
import type { Call } from './commands.ts'

/** Returns whether the alerts must also fail the exit code. Never rejects. */
export async function alert({ terminal, environment }: Call, settings: Settings, found: LeftBehind): Promise<boolean> {
  const warn = (code: string, message: string) => terminal.writeError(`dustpan: ${code}: ${message}\n`)
  const alerts = await sendAlerts(settings, found, warn)
  if (alerts.length === 0) return false
  // Standard output may be read by a program; GitHub reads both.
  if (environment.GITHUB_ACTIONS === 'true') terminal.writeError(`${renderGithubAlerts(alerts, settings.root)}\n`)
  return settings.alerts?.fail === true
}
