/** Declared children of a tracked resource, which are removed before it. */
import type { Json, Resource, ResourceId, ResourceSet } from '../resource/resource.ts'
import { type ResolvedRemoval, resolveRemoval } from './removal-spec.ts'
import type { Scope } from './scope.ts'
import type { ChildSpec } from './track-input.ts'
import type { Closure, Tracking } from './tracking.ts'

export interface ResolvedChild extends ResolvedRemoval {
  readonly type: string
  readonly closures: readonly Closure[]
}

/** The children of one resource. @throws like {@link resolveRemoval} */
export function resolveChildren(tracking: Tracking, children: readonly ChildSpec[], key: Json): ResolvedChild[] {
  return children.map(({ type, remove }) => {
    const closures: Closure[] = []
    return { type, closures, ...resolveRemoval(tracking, remove, [key], closures) }
  })
}

/** Each child is removed after the one declared next, and the parent last. */
export function recordChildren(
  tracking: Tracking,
  scope: Scope,
  parent: Resource,
  children: readonly ResolvedChild[],
): readonly Resource[] {
  const recorded: Resource[] = []
  for (const child of children) {
    const before = recorded.at(-1)
    recorded.push(...recordChild(tracking, scope, parent, child, before === undefined ? [] : [before.id]))
  }
  return recorded
}

function recordChild(
  tracking: Tracking,
  scope: Scope,
  parent: Resource,
  { type, store, step, closures }: ResolvedChild,
  before: readonly ResourceId[],
): readonly Resource[] {
  const { tags, dependsOn, ...shape } = parent.set
  const set: ResourceSet = {
    ...shape,
    set: tracking.nextId(),
    type,
    keys: [parent.key],
    store,
    steps: [step],
    dependsOn: [...before, parent.id],
    metadata: { childOf: parent.id },
  }
  if (closures.length > 0) tracking.closures.set(set.set, closures)
  return tracking.record(scope, set)
}
