/** `track()`: what a test says it created. */
import { clock } from '../clock/clock.ts'
import type { Duration } from '../config/config.ts'
import { milliseconds } from '../config/duration.ts'
import { invalidArgument } from '../errors/dustpan-error.ts'
import {
  type Json,
  type Lifetime,
  lifetimes,
  type RemovalStep,
  type Resource,
  type ResourceId,
  type ResourceSet,
  type StoreRef,
} from '../resource/resource.ts'
import { type RemovalSpec, resolveRemoval } from './removal-spec.ts'
import type { Scope } from './scope.ts'
import { sourceLine } from './source-line.ts'
import type { Closure, Tracking } from './tracking.ts'

/** A thing that goes with its parent, before it. */
export interface ChildSpec {
  type: string
  /** `{id}` is the parent's id. */
  remove: RemovalSpec
}

export interface TrackInput {
  /** What it is: `user`, `order`, `file`. */
  type: string
  /** Its id; for a file or folder its path. An array of scalars is one composite key. */
  id?: Json
  /** Many of one type, with one removal. */
  ids?: readonly Json[]
  /** How it is removed. May be left out for files, folders and shared things. */
  remove?: RemovalSpec
  /** Tried in turn when the removal has failed for good. */
  fallback?: RemovalSpec | readonly RemovalSpec[]
  /** Removed before it, the last one first. */
  children?: readonly ChildSpec[]
  /** What must outlive it: handles or tracking ids. */
  dependsOn?: Tracked | ResourceId | readonly (Tracked | ResourceId)[]
  /** Tracked, and never removed by a test. @default false */
  shared?: boolean
  /** @default the configuration's `lifetime` */
  lifetime?: Lifetime
  tags?: readonly string[]
  metadata?: { readonly [key: string]: Json }
  /** Due after this time even when its scope goes on, or kept it. */
  expiresIn?: Duration
}

/** What `track()` returns. */
export interface Tracked {
  /** The tracking id (of the first, for a batch). */
  readonly id: ResourceId
  readonly ids: readonly ResourceId[]
  /** Drops the record and touches nothing. */
  forget(): void
}

/**
 * Puts something on record; it is on disk when this returns.
 * @throws TypeError `DUSTPAN_INVALID_ARGUMENT`; DustpanError `DUSTPAN_UNKNOWN_DRIVER`, `DUSTPAN_UNKNOWN_CLEANER`.
 */
export function trackIn(tracking: Tracking, scope: Scope, input: TrackInput): Tracked {
  const keys = checkInput(input)
  const shape = shapeOf(tracking, scope, input)
  const closures: Closure[] = []
  const { steps, store } = stepsOf(tracking, input, keys, closures)
  const set: ResourceSet = { set: tracking.nextId(), type: input.type, keys, store, steps, ...shape }
  if (closures.length > 0) tracking.closures.set(set.set, closures)
  const resources = tracking.record(scope, set)
  const children = tracking.settings.cleanup.cascade ? trackChildren(tracking, scope, input, resources, set) : []
  return handle(tracking, scope, resources, children)
}

function checkInput(input: TrackInput): readonly Json[] {
  if (typeof input !== 'object' || input === null)
    throw invalidArgument(`track() expected an object, got ${show(input)}.`)
  const unknown = Object.keys(input).find((name) => !names.has(name))
  if (unknown !== undefined)
    throw invalidArgument(
      `track() got an unknown option ${JSON.stringify(unknown)}; it knows ${[...names].join(', ')}.`,
    )
  if (typeof input.type !== 'string' || input.type === '')
    throw invalidArgument(`track() expected type to be a non-empty string, got ${show(input.type)}.`)
  if ((input.id === undefined) === (input.ids === undefined)) {
    throw invalidArgument(
      `track() of a ${input.type} expected either id or ids, got ${input.id === undefined ? 'neither' : 'both'}.`,
    )
  }
  if (input.ids !== undefined && !Array.isArray(input.ids))
    throw invalidArgument(`track() expected ids to be an array, got ${show(input.ids)}.`)
  const keys = input.ids ?? [input.id as Json]
  for (const key of keys) checkKey(input.type, key)
  checkLife(input)
  return keys
}

const names = new Set([
  'type',
  'id',
  'ids',
  'remove',
  'fallback',
  'children',
  'dependsOn',
  'shared',
  'lifetime',
  'tags',
  'metadata',
  'expiresIn',
])

function checkKey(type: string, key: Json): void {
  const scalar = (value: unknown) =>
    (typeof value === 'string' && value !== '') || Number.isFinite(value) || typeof value === 'boolean'
  if (scalar(key) || (Array.isArray(key) && key.length > 0 && key.every(scalar))) return
  const bigint = typeof key === 'bigint' ? ' Give a bigint as a string.' : ''
  throw invalidArgument(
    `track() of a ${type} expected the id to be a string, a number or an array of them, got ${show(key)}.${bigint}`,
  )
}

function checkLife({ lifetime, expiresIn, tags }: TrackInput): void {
  if (lifetime !== undefined && !lifetimes.includes(lifetime)) {
    throw invalidArgument(`track() expected lifetime to be one of ${lifetimes.join(', ')}, got ${show(lifetime)}.`)
  }
  if (expiresIn !== undefined && milliseconds(expiresIn) === undefined) {
    throw invalidArgument(
      `track() expected expiresIn to be a duration such as '2h' or a number of milliseconds, got ${show(expiresIn)}.`,
    )
  }
  if (tags !== undefined && !(Array.isArray(tags) && tags.every((tag) => typeof tag === 'string'))) {
    throw invalidArgument(`track() expected tags to be an array of strings, got ${show(tags)}.`)
  }
}

function shapeOf(
  tracking: Tracking,
  scope: Scope,
  input: TrackInput,
): Omit<ResourceSet, 'set' | 'type' | 'keys' | 'store' | 'steps'> {
  const { settings } = tracking
  const expiry = input.expiresIn === undefined ? undefined : milliseconds(input.expiresIn)
  const source = settings.sourceLines ? sourceLine(settings.root) : undefined
  const dependsOn = [input.dependsOn ?? []]
    .flat()
    .flatMap((one) => (typeof one === 'string' ? [one] : (one as Tracked).ids))
  return {
    proof: { strength: 'key-only' },
    lifetime: input.lifetime ?? settings.lifetime,
    ...(input.shared ? { shared: true as const } : {}),
    ...(dependsOn.length > 0 ? { dependsOn } : {}),
    origin: 'tracked',
    attributed: scope.identity.kind,
    ...(input.tags ? { tags: input.tags } : {}),
    ...(input.metadata ? { metadata: input.metadata } : {}),
    ...(source === undefined ? {} : { source }),
    ...(expiry === undefined ? {} : { expiresAt: clock.now() + expiry }),
  }
}

function stepsOf(
  tracking: Tracking,
  input: TrackInput,
  keys: readonly Json[],
  closures: Closure[],
): { steps: RemovalStep[]; store: StoreRef } {
  const specs = [input.remove ?? impliedRemoval(input), ...[input.fallback ?? []].flat()].filter(
    (spec) => spec !== undefined,
  )
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

/** Each child waits for the one declared after it, and the parent for all. */
function trackChildren(
  tracking: Tracking,
  scope: Scope,
  { children = [] }: TrackInput,
  parents: readonly Resource[],
  parentSet: ResourceSet,
): readonly Resource[] {
  const all: Resource[] = []
  for (const parent of parents) {
    let before: ResourceId = parent.id
    for (const { type, remove } of children) {
      const closures: Closure[] = []
      const { step, store } = resolveRemoval(tracking, remove, [parent.key], closures)
      const { shared, tags, dependsOn, ...shape } = parentSet
      const set: ResourceSet = {
        ...shape,
        set: tracking.nextId(),
        type,
        keys: [parent.key],
        store,
        steps: [step],
        dependsOn: [before, parent.id],
        metadata: { childOf: parent.id },
      }
      if (closures.length > 0) tracking.closures.set(set.set, closures)
      const [child] = tracking.record(scope, set)
      if (child) {
        all.push(child)
        before = child.id
      }
    }
  }
  return all
}

function handle(
  tracking: Tracking,
  scope: Scope,
  resources: readonly Resource[],
  children: readonly Resource[],
): Tracked {
  const ids = resources.map(({ id }) => id)
  return {
    id: ids[0] as ResourceId,
    ids,
    forget() {
      const dropped = new Set([...resources, ...children].filter(({ state }) => state !== 'removed'))
      if (dropped.size === 0) return
      tracking.write({ e: 'forgotten', ids: [...dropped].map(({ id }) => id), by: 'test' })
      scope.resources.splice(0, scope.resources.length, ...scope.resources.filter((resource) => !dropped.has(resource)))
      for (const resource of dropped) resource.state = 'gone'
    },
  }
}

function show(value: unknown): string {
  if (value === undefined) return 'undefined'
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return 'a function'
  return (JSON.stringify(value) ?? String(value)).slice(0, 60)
}
