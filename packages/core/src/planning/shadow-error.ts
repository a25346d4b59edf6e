import type { Settings } from '../config/settings.ts'
import { shadowReason } from '../config/shadow-reason.ts'
import { DustpanError } from '../errors/dustpan-error.ts'

type Environment = Pick<Settings, 'environment' | 'environmentName'>

/** The error for anything that would remove or change something. */
export function shadowError(settings: Environment, what = 'Nothing is removed or changed'): DustpanError {
  return new DustpanError('DUSTPAN_SHADOW', `${what}: this is shadow mode, as ${shadowReason(settings)}.`, {
    hint:
      settings.environment === 'production'
        ? 'Set `environment` (or DUSTPAN_ENVIRONMENT) to where the tests run. In production, resources are removed only with profiles: { production: { remove: true } }.'
        : 'Remove `shadow: true` from the configuration, and unset DUSTPAN_SHADOW.',
  })
}
