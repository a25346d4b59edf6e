/** Resources that processes on another machine created in a store only that machine can reach: the same address here is a different store. */

import { canBeSameEverywhere, isSameEverywhere } from '../config/same-everywhere.ts'
import type { Settings } from '../config/settings.ts'
import { DustpanError } from '../errors/dustpan-error.ts'
import { redact } from '../errors/redact.ts'
import { loggedError } from '../journal/removal-log.ts'
import { placeOf } from '../planning/place.ts'
import { isMachineLocal, isPrivate } from '../resource/private-host.ts'
import type { Resource, StoreRef } from '../resource/resource.ts'
import { withoutIdentity } from '../resource/store-identity.ts'
import type { CleanupContext } from './context.ts'
import { removeLogged } from './removal-record.ts'

/** Returns the other resources. These stay due: their own machine may remove them. Errors it recorded for them are kept. */
export async function leaveToOtherMachines(
  resources: readonly Resource[],
  ctx: CleanupContext,
): Promise<readonly Resource[]> {
  if (!resources.some(({ elsewhere }) => elsewhere)) return resources
  const held = new Map(resources.flatMap((resource) => pairOf(resource, ctx.settings)))
  const unreported = [...held].filter(([{ error }]) => error === undefined)
  const outcomes = new Map(unreported.map(([{ id }, error]) => [id, { ...pending, error }]))
  const logged = unreported.map(([resource]) => resource)
  if (logged.length > 0) await removeLogged(logged, ctx, async () => outcomes)
  for (const [resource, error] of held) resource.error = loggedError(error, 'DUSTPAN_WRONG_STORE')
  return held.size === 0 ? resources : resources.filter((resource) => !held.has(resource))
}

const pending = { state: 'pending', why: 'unreachable', afterMs: 0 } as const

function pairOf(resource: Resource, settings: SameHosts): readonly (readonly [Resource, DustpanError])[] {
  const error = unreachableFromHere(resource, settings)
  return error ? [[resource, error]] : []
}

type SameHosts = Pick<Settings, 'sameEverywhere'>

/** Undefined: it was created on this machine, or its store is certainly the same one from here. */
export function unreachableFromHere(
  { set, elsewhere }: Pick<Resource, 'set' | 'elsewhere'>,
  { sameEverywhere }: SameHosts,
): DustpanError | undefined {
  if (elsewhere === undefined) return undefined
  const stores = set.steps.flatMap((step) => ('closure' in step ? [] : [step.store ?? set.store]))
  const known = { marked: set.proof.strength === 'exact', near: elsewhere.near, sameEverywhere }
  const store = stores.find((one) => isOnlyReachableThere(one, known))
  return store && notHere(store, elsewhere.host)
}

interface Known extends SameHosts {
  /** The resource carries its run's mark, which is checked before removal. */
  readonly marked: boolean
  /** Created on this machine, under another ledger. */
  readonly near: boolean
}

export function isOnlyReachableThere({ id, driver }: StoreRef, { marked, near, sameEverywhere }: Known): boolean {
  if (/^(?:file|sqlite):/.test(id)) return true
  if (id === 'cleaners' || marked) return false
  const hosts = hostsOf({ id, driver })
  if (hosts.length === 0) return true
  if (identity.test(id)) return !near && hosts.some(isMachineLocal)
  return hosts.some((host) => isMachineLocal(host) || (isPrivate(host) && !isSameEverywhere(host, sameEverywhere)))
}

/**
 * Matches a store id with the server's own identity, which is checked again: `#7412345678901234567.16384`. Servers started from one
 * image may report the same identity.
 */
const identity = /#.*(?:[\da-f-]{16,}|\d{10,})/i

const hostsOf = (store: StoreRef): readonly string[] => placeOf({ drivers: [], root: '/' }, store).hosts

function notHere(store: StoreRef, host: string): DustpanError {
  const there = `\`dustpan orphans\` on ${host} removes it; so does a later run there.`
  const place = redact(withoutIdentity(store.id))
  const hosts = hostsOf(store)
  if (hosts.length === 0 || !hosts.every(canBeSameEverywhere))
    return leftAlone(`It was created on ${host}, where ${place} is a different store than here`, there)
  const list = redact(
    hosts
      .filter(isPrivate)
      .map((name) => JSON.stringify(name))
      .join(', '),
  )
  return leftAlone(
    `It was created on ${host}, where ${place} may be a different store than here (the setting \`sameEverywhere\` does not list it)`,
    `${there} If it is the same server on every machine, add it to the configuration: sameEverywhere: [${list}].`,
  )
}

const leftAlone = (why: string, hint: string) =>
  new DustpanError('DUSTPAN_WRONG_STORE', `${why}, so it was left alone.`, { hint })
