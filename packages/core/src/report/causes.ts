/** Groups resources that could not be removed by their cause: a store that is down is one cause, however many resources it holds. */

import { isBad, isUnreachable, type Resource } from '../resource/resource.ts'
import { withoutIdentity } from '../resource/store-identity.ts'
import { redact, redactFor } from './redact.ts'
import { reasonText } from './states.ts'

/** All texts are redacted. */
export interface Cause {
  /** The error's code; empty if there is none. */
  readonly code: string
  readonly store: string
  readonly count: number
  readonly types: Readonly<Record<string, number>>
  /** The first error's message. */
  readonly message: string
  readonly hint: string
  readonly sample: readonly string[]
  readonly source: string
}

/** Maximum number of resources named per cause. */
const maxSamples = 5

/** Sorted by the number of resources, largest first. */
export function causesOf(resources: readonly Resource[]): readonly Cause[] {
  const groups = Map.groupBy(resources.filter(isStuck), causeKey)
  return [...groups.values()].map(causeOf).sort((a, b) => b.count - a.count)
}

/** Resources whose removal the application is still working on are not stuck. */
const isStuck = (resource: Resource): boolean =>
  isBad(resource.state) || isUnreachable(resource) || (resource.state === 'pending' && stuckReasons.has(resource.why))
const stuckReasons: ReadonlySet<string | undefined> = new Set(['budget', 'open-transaction'])

/** Errors that concern the whole store, not a single type. */
const storeWideCodes: ReadonlySet<string> = new Set([
  'DUSTPAN_STORE_UNREACHABLE',
  'DUSTPAN_STORE_GONE',
  'DUSTPAN_WRONG_STORE',
  'DUSTPAN_HOST_REFUSED',
  'DUSTPAN_PROFILE_REFUSED',
  'DUSTPAN_UNKNOWN_DRIVER',
  'DUSTPAN_DRIVER_UNAVAILABLE',
  'budget',
])

function causeKey({ set, error, why, state }: Resource): string {
  const what = error?.code ?? why ?? state
  return [what, set.store.driver, set.store.id, storeWideCodes.has(what) ? '' : set.type].join('\n')
}

function causeOf(group: readonly Resource[]): Cause {
  const { set, error, why, state, key } = group[0] as Resource
  const clean = redactFor(set.type, key)
  const types = Map.groupBy(group, (one) => redact(one.set.type))
  return {
    code: error?.code ?? '',
    store: `${set.store.driver} (${redact(withoutIdentity(set.store.id))})`,
    count: group.length,
    types: Object.fromEntries([...types].map(([type, { length }]) => [type, length])),
    message: clean(error?.message ?? reasonText(why ?? state)),
    hint: clean(error?.hint ?? ''),
    sample: group.slice(0, maxSamples).map(nameOf),
    source: redact(group.find((one) => one.set.source !== undefined)?.set.source ?? ''),
  }
}

const nameOf = ({ set, key }: Resource): string =>
  redactFor(set.type, key)(`${set.type} ${typeof key === 'object' ? JSON.stringify(key) : key}`)
