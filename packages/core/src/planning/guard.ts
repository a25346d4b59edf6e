/** Whether anything may be removed from a store: checks the address first, then the environment's profile. */

import { howToAllow } from '../config/how-to-allow.ts'
import type { Settings } from '../config/settings.ts'
import { DustpanError } from '../errors/dustpan-error.ts'
import { redact } from '../errors/redact.ts'
import type { Driver } from '../resource/driver.ts'
import { isLoopback } from '../resource/loopback.ts'
import type { StoreRef } from '../resource/resource.ts'
import { withoutIdentity } from '../resource/store-identity.ts'
import { looksLikeProduction } from './looks-like-production.ts'
import { placeOf } from './place.ts'
import { shadowError } from './shadow-error.ts'

/** The driver's capabilities that matter for the profile; undefined: the removal is a user's function. */
export type Reach = Pick<Driver['capabilities'], 'database'> | undefined

/**
 * In this order, so that an error never suggests allowing something that an earlier check refuses anyway: address, shadow, profile.
 * @throws DustpanError `DUSTPAN_HOST_REFUSED`, `DUSTPAN_SHADOW`, `DUSTPAN_PROFILE_REFUSED`: with the setting, the value, and how to allow it.
 */
export function guardRemoval(settings: Settings, store: StoreRef, reach: Reach): void {
  guardStore(settings, store)
  if (settings.shadow) throw shadowError(settings)
  guardProfile(settings, store, reach)
}

/** For read-only access, which shadow mode allows. @throws DustpanError `DUSTPAN_HOST_REFUSED`, `DUSTPAN_PROFILE_REFUSED` */
export function guardReach(settings: Settings, store: StoreRef, reach: Reach): void {
  guardStore(settings, store)
  const { profile } = settings
  guardProfile(settings.shadow ? { ...settings, profile: { ...profile, remove: true } } : settings, store, reach)
}

/** @throws DustpanError `DUSTPAN_HOST_REFUSED` */
export function guardStore(settings: Settings, store: StoreRef): void {
  const names = settings.allow.map((name) => name.toLowerCase())
  const allowed = (name: string) => names.includes(name.toLowerCase())
  const place = placeOf(settings, store)
  for (const host of place.hosts) {
    if (!isLoopback(host) && !allowed(host) && !isListedOrigin(settings, store))
      throw refused(host, 'is not on this machine')
    if (looksLikeProduction(host) && !allowed(host)) throw refused(host, 'looks like production')
  }
  for (const name of place.names)
    if (looksLikeProduction(name) && !allowed(name)) throw refused(name, 'looks like production')
}

/** An origin listed in full in the HTTP driver's options is allowed. */
function isListedOrigin({ drivers }: Settings, { id, driver }: StoreRef): boolean {
  const origins = drivers.find(({ name }) => name === driver)?.options as { origins?: readonly string[] } | undefined
  return origins?.origins?.some((origin) => URL.canParse(origin) && new URL(origin).origin === id) ?? false
}

function refused(name: string, why: string): DustpanError {
  return new DustpanError(
    'DUSTPAN_HOST_REFUSED',
    `Nothing is removed from ${redact(name)}: it ${why}, and the setting \`allow\` does not name it.`,
    {
      hint: `If tests may delete there, add it to the configuration: allow: [${redact(JSON.stringify(name))}].`,
    },
  )
}

function guardProfile(settings: Settings, store: StoreRef, reach: Reach): void {
  const { profile } = settings
  if (!profile.remove) throw refusedByProfile(settings, store, 'remove', 'Nothing is removed from')
  if (reach && reach.database !== false && !profile.database)
    throw refusedByProfile(settings, store, 'database', 'Nothing is removed directly from the database')
}

function refusedByProfile(
  settings: Settings,
  { id }: StoreRef,
  option: 'remove' | 'database',
  what: string,
): DustpanError {
  const { environment, environmentName } = settings
  const unknown = environmentName === environment ? '' : `, as ${JSON.stringify(environmentName)} is not a known name`
  const instead =
    option === 'database'
      ? "Remove it by the application's own endpoints"
      : 'Set `environment` (or DUSTPAN_ENVIRONMENT) to where the tests run'
  return new DustpanError(
    'DUSTPAN_PROFILE_REFUSED',
    `${what} ${redact(withoutIdentity(id))}: the setting \`environment\` is ${JSON.stringify(environment)}${unknown}, and its profile has ${option}: false.`,
    { hint: howToAllow(settings, { [option]: true }, instead) },
  )
}
