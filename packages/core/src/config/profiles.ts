/** The default profiles: what each environment allows unless `profiles` in the configuration overrides it. */
import type { Profile } from '../resource/profile.ts'
import type { Environment } from './config.ts'

export const profiles: Readonly<Record<Environment, Profile>> = {
  local: {
    remove: true,
    deletion: 'configured',
    database: true,
    byPredicate: 'confirmed',
    reset: false,
    limit: 10_000,
  },
  test: { remove: true, deletion: 'hard', database: true, byPredicate: 'automatic', reset: true, limit: 10_000 },
  staging: { remove: true, deletion: 'soft', database: false, byPredicate: 'confirmed', reset: false, limit: 1_000 },
  production: {
    remove: false,
    deletion: 'soft-only',
    database: false,
    byPredicate: 'never',
    reset: false,
    limit: 0,
  },
}
