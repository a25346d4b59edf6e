/** Checks the configuration and the environment. */
import { relative } from 'node:path'
import type { Settings } from '@dustpan/core/ledger'
import type { Call } from '../../commands.ts'
import { errorInfo } from '../../print-error.ts'
import { settingsFor } from '../../settings.ts'
import { type Check, fine, warning, wrong } from '../check.ts'

/** Returns no settings if the configuration cannot be read. */
export async function configuration(
  call: Call,
  folder: string,
): Promise<{ readonly checks: readonly Check[]; readonly settings?: Settings }> {
  try {
    const settings = await settingsFor(call)
    return { settings, checks: [found(settings, folder), environment(settings), ...variables(call.environment)] }
  } catch (error) {
    const { message, hint } = errorInfo(error)
    return { checks: [wrong('Configuration', message, hint === undefined ? {} : { fix: hint })] }
  }
}

function found({ file }: Settings, folder: string): Check {
  if (file !== undefined) return fine('Configuration', relative(folder, file) || file)
  return warning('Configuration', `none in ${folder} or above; using defaults: no drivers configured`, {
    run: 'npx dustpan init',
  })
}

function environment({ environment, environmentName, profile, shadow }: Settings): Check {
  const rows = profile.database ? 'also directly from databases' : 'only through endpoints'
  const allows = profile.remove ? `removes, ${rows}` : 'removes nothing'
  if (environment !== environmentName)
    return warning(
      'Environment',
      `unknown environment ${JSON.stringify(environmentName)}, treated as ${environment}: ${allows}`,
      { fix: 'Set `environment` or DUSTPAN_ENVIRONMENT to local, test, staging or production.' },
    )
  if (profile.remove && shadow)
    return warning('Environment', `${environment}: shadow mode, removes nothing`, {
      fix: 'To remove what tests create, delete `shadow: true` from the configuration and unset DUSTPAN_SHADOW.',
    })
  if (profile.remove) return fine('Environment', `${environment}: ${allows}`)
  return warning('Environment', `${environment}: ${allows}`, {
    fix: 'Set `environment` or DUSTPAN_ENVIRONMENT to the environment of the tests.',
  })
}

/** Variables that are easily left set in a shell. */
function variables({ DUSTPAN_DISABLED, DUSTPAN_KEEP }: NodeJS.ProcessEnv): readonly Check[] {
  return [
    ...(DUSTPAN_DISABLED === '1'
      ? [
          warning('Environment', 'DUSTPAN_DISABLED=1: nothing is tracked automatically', {
            run: 'unset DUSTPAN_DISABLED',
          }),
        ]
      : []),
    ...(DUSTPAN_KEEP === 'all'
      ? [warning('Environment', 'DUSTPAN_KEEP=all: nothing is removed', { run: 'unset DUSTPAN_KEEP' })]
      : []),
  ]
}
