import type { Settings } from './settings.ts'

/** Why shadow mode is on, for messages: `the environment is production`. */
export function shadowReason({
  environment,
  environmentName,
}: Pick<Settings, 'environment' | 'environmentName'>): string {
  if (environment !== environmentName)
    return `the environment ${JSON.stringify(environmentName)} is not a known name and counts as production`
  return environment === 'production' ? 'the environment is production' : '`shadow` or DUSTPAN_SHADOW is set'
}
