/** `track()`: records what a test says it created. */
import { clock } from '../clock/clock.ts'
import { longestAgeMs, milliseconds } from '../config/duration.ts'
import { invalidArgument } from '../errors/dustpan-error.ts'
import { redactValue } from '../errors/redact.ts'
import type { Json, Lifetime, RemovalStep, Resource, ResourceId, ResourceSet, StoreRef } from '../resource/resource.ts'
import { namesKind } from '../resource/same-kind.ts'
import { kindsOf } from './by-hand.ts'
import { creationSource } from './creation-source.ts'
import { type RemovalSpec, resolveRemoval } from './removal-spec.ts'
import type { Scope } from './scope.ts'
import { recordChildren, resolveChildren } from './track-children.ts'
import { checkInput, type TrackInput } from './track-input.ts'
import type { Closure, Tracking } from './tracking.ts'

/** The result of `track()`. */
export interface Tracked {
  /** The tracking id: of the first resource for a batch, of none for an empty one. */
  readonly id: ResourceId
  readonly ids: readonly ResourceId[]
  /** Drops the record without removing anything. */
  forget(): void
}

/**
 * Records resources; they are on disk when this returns.
 * @throws TypeError `DUSTPAN_INVALID_ARGUMENT`; DustpanError `DUSTPAN_UNKNOWN_DRIVER`, `DUSTPAN_UNKNOWN_CLEANER`.
 */
export function trackIn(tracking: Tracking, scope: Scope, input: TrackInput): Tracked {
  const keys = checkInput(input)
  const shape = shapeOf(tracking, scope, input)
  const closures: Closure[] = []
  const { steps, store } = stepsOf(tracking, input, keys, closures)
  const hasChildren = input.children && tracking.settings.cleanup.cascade && !input.shared
  const children = hasChildren ? keys.map((key) => resolveChildren(tracking, input.children ?? [], key)) : []
  const set: ResourceSet = { set: tracking.nextId(), type: input.type, keys, store, steps, ...shape }
  dropCaptured(tracking, set)
  if (closures.length > 0) tracking.closures.set(set.set, closures)
  const parents = tracking.record(scope, set)
  const all = hasChildren
    ? parents.flatMap((parent, i) => [parent, ...recordChildren(tracking, scope, parent, children[i] ?? [])])
    : parents
  return handle(tracking, scope, set, all)
}

/** What the test declares (shared, a lifetime) also applies to the same resource if it was captured: the captured record is dropped. */
function dropCaptured(tracking: Tracking, set: ResourceSet): void {
  const { known, scopes } = tracking
  if (!known.hasCaptured) return
  for (const twin of set.keys.flatMap((key) => twinsOf(tracking, set, key))) {
    if (twin.set.origin === 'tracked' || !isDue(twin)) continue
    const scope = scopes.get(twin.scope)
    if (scope) forget(tracking, scope, [twin])
  }
}

const isDue = ({ state }: Resource): boolean => state === 'live' || state === 'pending'

/** A shared resource without a removal names no store: it may be in any, or in several. */
function twinsOf({ known, drivers, answered }: Tracking, set: ResourceSet, key: Json): readonly Resource[] {
  const { steps, store, type } = set
  const [step] = steps
  if (!step) return known.everywhere(key).filter((one) => namesKind([type], kindsOf(one.set, drivers)))
  const places = [store.id, answered.get(store.id) ?? []].flat()
  const kinds = kindsOf(set, drivers)
  const inPlace = (place: string, kind: string) => known.find(place, kind, key, step) ?? known.alike(place, kind, key)
  return places.flatMap((place) => kinds.flatMap((kind) => inPlace(place, kind) ?? [])).slice(0, 1)
}

function shapeOf(
  tracking: Tracking,
  scope: Scope,
  input: TrackInput,
): Omit<ResourceSet, 'set' | 'type' | 'keys' | 'store' | 'steps'> {
  const { settings } = tracking
  const expiry = expiryOf(input, settings.lifetime)
  const source = creationSource(tracking, scope, input.type, { entry: trackIn })
  const dependsOn = input.dependsOn === undefined ? none : idsOf(input.dependsOn)
  return {
    proof: { strength: 'key-only' },
    lifetime: input.lifetime ?? settings.lifetime,
    ...(input.shared ? { shared: true as const } : {}),
    ...(dependsOn.length > 0 ? { dependsOn } : {}),
    origin: 'tracked',
    attributed: scope.identity.kind,
    ...(input.tags ? { tags: input.tags } : {}),
    // Redacted, because it is written to disk.
    ...(input.metadata ? { metadata: redactValue(input.metadata) as typeof input.metadata } : {}),
    ...(source === undefined ? {} : { source }),
    ...(expiry === undefined ? {} : { expiresAt: clock.now() + expiry }),
  }
}

/** Only persistent resources may have a longer expiry than 24 hours. */
function expiryOf({ type, expiresIn, lifetime }: TrackInput, otherwise: Lifetime): number | undefined {
  const expiry = expiresIn === undefined ? undefined : milliseconds(expiresIn)
  if (expiry === undefined || expiry <= longestAgeMs || (lifetime ?? otherwise) === 'persistent') return expiry
  throw invalidArgument(
    `track() of a ${type} expected expiresIn to be at most 24h, got ${JSON.stringify(expiresIn)}.`,
    "For longer, set lifetime: 'persistent'.",
  )
}

const none: readonly ResourceId[] = []

const idsOf = (given: NonNullable<TrackInput['dependsOn']>): readonly ResourceId[] =>
  [given].flat().flatMap((one) => (typeof one === 'string' ? [one] : (one as Tracked).ids))

function stepsOf(
  tracking: Tracking,
  input: TrackInput,
  keys: readonly Json[],
  closures: Closure[],
): { steps: RemovalStep[]; store: StoreRef } {
  const { remove = impliedRemoval(input), fallback } = input
  if (remove !== undefined && fallback === undefined) {
    const { step, store } = resolveRemoval(tracking, remove, keys, closures)
    return { steps: [step], store }
  }
  const specs = [remove, ...[fallback ?? []].flat()].filter((spec) => spec !== undefined)
  if (specs.length === 0) {
    if (input.shared) return { steps: [], store: { driver: 'none', id: 'shared' } }
    throw invalidArgument(
      `track() of a ${input.type} expected remove: how it is removed, for example 'DELETE /${input.type}s/{id}'.`,
    )
  }
  const resolved = specs.map((spec) => resolveRemoval(tracking, spec as RemovalSpec, keys, closures))
  const { store } = resolved[0] as { store: StoreRef }
  const steps = resolved.map((one) =>
    'closure' in one.step || one.store.id === store.id ? one.step : { ...one.step, store: one.store },
  )
  return { steps, store }
}

const impliedRemoval = ({ type, shared }: TrackInput): RemovalSpec | undefined =>
  !shared && (type === 'file' || type === 'folder') ? { [type]: '{id}' } : undefined

function handle(tracking: Tracking, scope: Scope, { set, keys }: ResourceSet, all: readonly Resource[]): Tracked {
  return {
    get id() {
      return keys.length === 0 ? set : `${set}.0`
    },
    get ids() {
      return keys.map((_, i) => `${set}.${i}`)
    },
    forget: () => forget(tracking, scope, all),
  }
}

function forget(tracking: Tracking, scope: Scope, all: readonly Resource[]): void {
  const dropped = new Set(all.filter(({ state }) => state !== 'removed' && state !== 'gone'))
  if (dropped.size === 0) return
  tracking.write({ e: 'forgotten', ids: [...dropped].map(({ id }) => id), by: 'test' })
  tracking.byHand.forget([...dropped])
  const left = scope.resources.filter((resource) => !dropped.has(resource))
  scope.resources.length = 0
  for (const resource of left) scope.resources.push(resource)
  for (const resource of dropped) resource.state = 'gone'
}
