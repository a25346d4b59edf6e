/** Resources that the configuration protects: never removed, even if a record proves that a test created them. */
import { clock } from '../clock/clock.ts'
import type { Settings } from '../config/settings.ts'
import { DustpanError } from '../errors/dustpan-error.ts'
import { redact } from '../errors/redact.ts'
import type { Driver } from '../resource/driver.ts'
import type { Spared } from '../resource/predicate.ts'
import type { Json, Resource, ResourceSet } from '../resource/resource.ts'
import { namesKind } from '../resource/same-kind.ts'
import type { RefusalReason } from '../resource/target.ts'
import { grouped } from './grouped.ts'
import { neededBy } from './keep.ts'

export interface Protection {
  readonly why: RefusalReason
  readonly error: DustpanError
}

export interface Protecting {
  readonly settings: Pick<Settings, 'protect'>
  readonly drivers: ReadonlyMap<string, Driver>
}

/** Protected resources and the reason: by type, id or age; whatever these depend on; and all of a kind that exceeds `atMost`. */
export function protectedOf(
  resources: readonly Resource[],
  { settings: { protect }, drivers }: Protecting,
): ReadonlyMap<Resource, Protection> {
  const found = new Map<Resource, Protection>()
  if (isEmpty(protect)) return found
  for (const resource of resources) {
    const protection = protectionOf(resource, namesOf(resource.set, drivers), protect)
    if (protection) found.set(resource, protection)
  }
  for (const resource of neededBy([...found.keys()], resources)) if (!found.has(resource)) found.set(resource, needed)
  const others = resources.filter((resource) => !found.has(resource))
  for (const [resource, protection] of tooMany(others, protect)) found.set(resource, protection)
  return found
}

/** The limits for removal by predicate: protected resources, maximum age and number. `requestedLimit`: given by hand, instead of the profile's. */
export function limitsOf(
  { protect, profile }: Pick<Settings, 'protect' | 'profile'>,
  requestedLimit: number = profile.limit,
): {
  readonly spared: Spared
  readonly after?: number
  readonly limit: number
} {
  return {
    spared: { types: protect.types, ids: protect.ids },
    ...(protect.olderThanMs === undefined ? {} : { after: clock.now() - protect.olderThanMs }),
    limit: Math.min(requestedLimit, protect.atMost ?? Number.POSITIVE_INFINITY),
  }
}

type Protect = Settings['protect']

const isEmpty = ({ types, ids, olderThanMs, atMost }: Protect): boolean =>
  types.length === 0 && Object.keys(ids).length === 0 && olderThanMs === undefined && atMost === undefined

const namesOfSets = new WeakMap<ResourceSet, readonly string[]>()

/** A record may name its type freely, so the table's name counts as well. */
export function namesOf(set: ResourceSet, drivers: Protecting['drivers']): readonly string[] {
  const known = namesOfSets.get(set)
  if (known) return known
  const tables = set.steps.map((step) => ('closure' in step ? undefined : drivers.get(step.driver)?.typeOf?.(step)))
  const names = [set.type, ...tables.filter((name) => name !== undefined)]
  namesOfSets.set(set, names)
  return names
}

function protectionOf(
  { key, set, createdAt }: Resource,
  names: readonly string[],
  { types, ids, olderThanMs = Number.POSITIVE_INFINITY }: Protect,
): Protection | undefined {
  const type = types.find((name) => namesKind([name], names))
  if (type !== undefined) {
    const name = namesKind([type], [set.type]) ? set.type : type
    return refused('protected', 'types', name, 'is a protected type')
  }
  const ofId = Object.entries(ids).find(
    ([name, some]) => namesKind([name], names) && some.some((id) => idText(id) === idText(key)),
  )
  if (ofId) return refused('protected', `ids.${ofId[0]}`, `${set.type} ${redact(idText(key))}`, 'stays')
  const ageMs = clock.now() - createdAt
  if (ageMs <= olderThanMs) return undefined
  return refused('too-old', 'olderThan', hours(olderThanMs), `is the limit, and it was created ${hours(ageMs)} ago`)
}

/** `7` and `'7'` are the same id: in a URL, all ids are strings. */
const idText = (id: Json): string => (typeof id === 'string' ? id : JSON.stringify(id))

const hours = (ms: number): string => `${Math.round(ms / 36_000) / 100} h`

const needed: Protection = {
  why: 'protected',
  error: new DustpanError('DUSTPAN_PROTECTED', 'A resource that depends on it is protected.', {
    hint: 'This report shows which resources the setting `protect` refuses.',
  }),
}

function tooMany(resources: readonly Resource[], { atMost }: Protect): ReadonlyMap<Resource, Protection> {
  const found = new Map<Resource, Protection>()
  if (atMost === undefined || resources.length <= atMost) return found
  for (const [kind, members] of grouped(resources, ({ store, type }) => `${store.id}\n${type}`)) {
    if (members.length <= atMost) continue
    const type = kind.slice(kind.indexOf('\n') + 1)
    const protection = refused(
      'too-many',
      'atMost',
      String(atMost),
      `is the limit, and there are ${members.length} ${type}`,
    )
    for (const resource of members) found.set(resource, protection)
  }
  return found
}

function refused(why: RefusalReason, option: string, value: string, what: string): Protection {
  const message = `It is not removed: ${value} ${what} (the setting protect.${option}).`
  return {
    why,
    error: new DustpanError('DUSTPAN_PROTECTED', message, {
      hint: `If tests may delete it, change protect.${option} in the configuration; otherwise remove it yourself.`,
    }),
  }
}
