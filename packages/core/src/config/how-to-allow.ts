import type { Profile } from '../resource/profile.ts'
import { environments } from './config.ts'
import type { Settings } from './settings.ts'

/** A hint for what a profile refuses. For an unknown environment name it suggests correcting the name before opening up production. */
export function howToAllow(
  { environment, environmentName }: Pick<Settings, 'environment' | 'environmentName'>,
  allowed: Partial<Profile>,
  instead: string,
): string {
  const [[option, value] = []] = Object.entries(allowed)
  const profile = `profiles: { ${environment}: { ${option}: ${typeof value === 'string' ? `'${value}'` : value} } }`
  if (environment === environmentName) return `${instead}, or allow it there: ${profile}.`
  const known = `${environments.slice(0, -1).join(', ')} and ${environments.at(-1)}`
  return `Correct the name in \`environment\` (or DUSTPAN_ENVIRONMENT): ${known} are known. To allow it under every other name: ${profile}.`
}
