/** What another machine's processes created where only that machine gets to: here the same address leads to something else. */

import { canBeSameEverywhere, isSameEverywhere } from '../config/same-everywhere.ts'
import type { Settings } from '../config/settings.ts'
import { DustpanError } from '../errors/dustpan-error.ts'
import { redact } from '../errors/redact.ts'
import { loggedError } from '../ledger/removal-log.ts'
import { isItsOwn, isPrivate } from '../resource/private-host.ts'
import type { Resource, StoreRef } from '../resource/resource.ts'
import { withoutIdentity } from '../resource/store-identity.ts'
import type { CleanupContext } from './context.ts'
import { placeOf } from './place.ts'
import { removeLogged } from './removal-record.ts'

/** The rest. These stay due: their own machine may remove them. What it has told of them stays on record. */
export async function leaveToOtherMachines(
  resources: readonly Resource[],
  ctx: CleanupContext,
): Promise<readonly Resource[]> {
  if (!resources.some(({ elsewhere }) => elsewhere)) return resources
  const held = new Map(resources.flatMap((resource) => pairOf(resource, ctx.settings)))
  const untold = [...held].filter(([{ error }]) => error === undefined)
  const outcomes = new Map(untold.map(([{ id }, error]) => [id, { ...pending, error }]))
  const asked = untold.map(([resource]) => resource)
  if (asked.length > 0) await removeLogged(asked, ctx, async () => outcomes)
  for (const [resource, error] of held) resource.error = loggedError(error, 'DUSTPAN_WRONG_STORE')
  return held.size === 0 ? resources : resources.filter((resource) => !held.has(resource))
}

const pending = { state: 'pending', why: 'unreachable', afterMs: 0 } as const

function pairOf(resource: Resource, settings: Named): readonly (readonly [Resource, DustpanError])[] {
  const error = unreachableFromHere(resource, settings)
  return error ? [[resource, error]] : []
}

type Named = Pick<Settings, 'sameEverywhere'>

/** Undefined: it is of this machine, or its store is certainly told from any other. */
export function unreachableFromHere(
  { set, elsewhere }: Pick<Resource, 'set' | 'elsewhere'>,
  { sameEverywhere }: Named,
): DustpanError | undefined {
  if (elsewhere === undefined) return undefined
  const stores = set.steps.flatMap((step) => ('closure' in step ? [] : [step.store ?? set.store]))
  const told = { marked: set.proof.strength === 'exact', near: elsewhere.near, sameEverywhere }
  const store = stores.find((one) => isOnlyThere(one, told))
  return store && notHere(store, elsewhere.host)
}

interface Told extends Named {
  /** The thing itself says whose it is, and is asked before it is removed. */
  readonly marked: boolean
  /** It was this machine under another ledger. */
  readonly near: boolean
}

export function isOnlyThere({ id, driver }: StoreRef, { marked, near, sameEverywhere }: Told): boolean {
  if (/^(?:file|sqlite):/.test(id)) return true
  if (id === 'cleaners' || marked) return false
  const hosts = hostsOf({ id, driver })
  if (hosts.length === 0) return true
  if (identity.test(id)) return !near && hosts.some(isItsOwn)
  return hosts.some((host) => isItsOwn(host) || (isPrivate(host) && !isSameEverywhere(host, sameEverywhere)))
}

/**
 * The server has told something by which it is known, and is asked again: `#7412345678901234567.16384`. Servers that were started from one
 * image may tell the same.
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
