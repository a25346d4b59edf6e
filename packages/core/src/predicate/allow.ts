/** Checks a removal by predicate against the environment's profile and limit. */
import { howToAllow } from '../config/how-to-allow.ts'
import type { Settings } from '../config/settings.ts'
import { DustpanError } from '../errors/dustpan-error.ts'
import type { Predicate } from '../resource/predicate.ts'
import type { PredicatePlan } from './plan.ts'

type Environment = Pick<Settings, 'environment' | 'environmentName' | 'profile'>

/** @throws DustpanError `DUSTPAN_PROFILE_REFUSED` before any store is queried. */
export function checkProfile(settings: Environment, predicate: Predicate, deletion: PredicatePlan['deletion']): void {
  const { profile } = settings
  if (profile.byPredicate === 'never')
    throw refused(settings, 'byPredicate', "'never'", 'Nothing is removed by predicate')
  if (predicate.reset && !profile.reset) throw refused(settings, 'reset', 'false', 'Nothing is reset')
  if (deletion === 'hard' && profile.deletion === 'soft-only')
    throw refused(settings, 'deletion', "'soft-only'", 'Nothing is deleted')
}

const allowed = { byPredicate: 'confirmed', reset: true, deletion: 'hard' } as const

function refused(settings: Environment, option: keyof typeof allowed, value: string, what: string): DustpanError {
  const { environment, environmentName } = settings
  const unknown = environmentName === environment ? '' : `, as ${JSON.stringify(environmentName)} is not a known name`
  const message = `${what}: the setting \`environment\` is ${JSON.stringify(environment)}${unknown}, and its profile has ${option}: ${value}.`
  const other =
    option === 'reset' ? 'Narrow it to your own data by owner, tag or run' : 'Set `environment` to where the tests run'
  return new DustpanError('DUSTPAN_PROFILE_REFUSED', message, {
    hint: howToAllow(settings, { [option]: allowed[option] }, other),
  })
}

/** For more matches than may be removed at once; `givenLimit`: the user's limit, instead of the profile's. */
export function beyondLimit(
  known: number,
  limit: number,
  { environment, protect }: Pick<Settings, 'environment' | 'protect'>,
  givenLimit?: number,
): DustpanError | undefined {
  if (known <= limit) return undefined
  const isProtected = limit === protect.atMost
  const setting = isProtected
    ? 'protect.atMost'
    : givenLimit === undefined
      ? `profiles.${environment}.limit`
      : 'the given limit'
  return new DustpanError(
    'DUSTPAN_PREDICATE_REFUSED',
    `Nothing was removed: ${known.toLocaleString('en')} resources match, and at most ${limit.toLocaleString('en')} may be removed at once (${setting}).`,
    {
      hint: isProtected
        ? 'Check the plan first. If it is right, change protect.atMost in the configuration.'
        : `Check the plan first. If it is right, give the number: --limit ${known}, or removeWhere({ …, limit: ${known} }).`,
    },
  )
}

/** Why a plan may not be carried out without confirmation; undefined: it may. */
export function notAutomatic(settings: Environment, { total }: PredicatePlan): DustpanError | undefined {
  const { environment, profile } = settings
  const hint = 'Run `dustpan bulk`, which shows the plan and asks'
  if (profile.byPredicate !== 'automatic') {
    return new DustpanError(
      'DUSTPAN_PREDICATE_REFUSED',
      `Nothing was removed: the profile of ${JSON.stringify(environment)} has byPredicate: '${profile.byPredicate}', and the removal was not confirmed.`,
      {
        hint: `${hint}; give removeWhere() a \`confirm\`; or set profiles: { ${environment}: { byPredicate: 'automatic' } }.`,
      },
    )
  }
  if (total !== 'unknown') return undefined
  return new DustpanError(
    'DUSTPAN_PREDICATE_REFUSED',
    'Nothing was removed: the number of matches is not known beforehand, and the removal was not confirmed.',
    { hint: `${hint}; or give the endpoint a \`list\` in byPredicate of http(), so that matches can be counted.` },
  )
}
