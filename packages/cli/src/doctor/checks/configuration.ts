/** The configuration, and what it says of the environment. */
import { relative } from 'node:path'
import type { Settings } from '@dustpan/core/ledger'
import type { Call } from '../../commands.ts'
import { settingsFor } from '../../settings.ts'
import { toldError } from '../../tell-error.ts'
import { type Check, fine, warning, wrong } from '../check.ts'

/** Without settings where there are none that can be read. */
export async function configuration(
  call: Call,
  folder: string,
): Promise<{ readonly checks: readonly Check[]; readonly settings?: Settings }> {
  try {
    const settings = await settingsFor(call)
    return { settings, checks: [found(settings, folder), environment(settings), ...variables(call.environment)] }
  } catch (error) {
    const { message, hint } = toldError(error)
    return { checks: [wrong('Configuration', message, hint === undefined ? {} : { mend: hint })] }
  }
}

function found({ file }: Settings, folder: string): Check {
  if (file !== undefined) return fine('Configuration', relative(folder, file) || file)
  return warning('Configuration', `there is none in ${folder}, nor above it: the defaults hold, without a driver`, {
    run: 'npx dustpan init',
  })
}

function environment({ environment, environmentName, profile, shadow }: Settings): Check {
  const rows = profile.database ? 'databases directly' : 'only through endpoints'
  const allows = profile.remove ? `removes, ${rows}` : 'removes nothing'
  if (environment !== environmentName)
    return warning(
      'Environment',
      `${JSON.stringify(environmentName)} is no known name, so what holds is ${environment}: ${allows}`,
      { mend: 'Set `environment`, or DUSTPAN_ENVIRONMENT, to local, test, staging or production.' },
    )
  if (profile.remove && shadow)
    return warning('Environment', `${environment}: shadow mode, removes nothing`, {
      mend: 'When what tests create is to go: take `shadow: true` out of the configuration, and unset DUSTPAN_SHADOW.',
    })
  if (profile.remove) return fine('Environment', `${environment}: ${allows}`)
  return warning('Environment', `${environment}: ${allows}`, {
    mend: 'Set `environment`, or DUSTPAN_ENVIRONMENT, to where the tests run.',
  })
}

/** What is set in a shell, and forgotten. */
function variables({ DUSTPAN_DISABLED, DUSTPAN_KEEP }: NodeJS.ProcessEnv): readonly Check[] {
  return [
    ...(DUSTPAN_DISABLED === '1'
      ? [warning('Environment', 'DUSTPAN_DISABLED=1: nothing is tracked by itself', { run: 'unset DUSTPAN_DISABLED' })]
      : []),
    ...(DUSTPAN_KEEP === 'all'
      ? [warning('Environment', 'DUSTPAN_KEEP=all: nothing is removed', { run: 'unset DUSTPAN_KEEP' })]
      : []),
  ]
}
