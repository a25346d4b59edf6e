/** Declared children (`children`) of resources: whether they were removed before their parent. */
import { DustpanError } from '../errors/dustpan-error.ts'
import { parentOf } from '../planning/declared.ts'
import type { Resource, ResourceId } from '../resource/resource.ts'
import type { RemovalOutcome } from '../resource/target.ts'
import type { CleanupContext } from './context.ts'
import { describeRemoval } from './describe.ts'
import { removeLogged } from './removal-record.ts'

export type Children = ReadonlyMap<ResourceId, readonly Resource[]>

/** From all records of these scopes, including children that are not due now. */
export function declaredChildren(resources: readonly Resource[], ctx: CleanupContext): Children {
  const children = new Map<ResourceId, Resource[]>()
  for (const scope of new Set(resources.map((one) => one.scope))) {
    for (const resource of ctx.declaredIn(scope)) {
      const parent = parentOf(resource) as ResourceId
      const known = children.get(parent)
      if (known) known.push(resource)
      else children.set(parent, [resource])
    }
  }
  return children
}

/** Returns the resources that may be removed. A parent stays as long as its removal would leave a declared child behind. */
export async function holdBack(
  resources: readonly Resource[],
  children: Children,
  ctx: CleanupContext,
): Promise<readonly Resource[]> {
  if (children.size === 0) return resources
  // One call removes all of them or none.
  const together = new Set(resources.map(({ id }) => id))
  const held = new Map(
    resources.flatMap((resource): [ResourceId, RemovalOutcome][] => {
      const left = (children.get(resource.id) ?? []).filter((child) => isLeft(child) && !together.has(child.id))
      return left.length === 0 ? [] : [[resource.id, heldBack(resource, left)]]
    }),
  )
  if (held.size === 0) return resources
  await removeLogged(
    resources.filter(({ id }) => held.has(id)),
    ctx,
    async () => held,
  )
  return resources.filter(({ id }) => !held.has(id))
}

/** A child that matched nothing: either there was none, or its removal is wrong. */
export function warnOfUnmatched(resources: readonly Resource[], children: Children, ctx: CleanupContext): void {
  if (children.size === 0) return
  const describe = describeRemoval(ctx.drivers)
  for (const { id, state, set, key } of resources) {
    if (state !== 'removed') continue
    for (const child of children.get(id) ?? []) {
      if (child.state !== 'already-gone') continue
      const removal = withoutKey(describe(child), String(key))
      ctx.warn(
        'DUSTPAN_CHILD_UNMATCHED',
        `A ${set.type} was removed, but its declared child ${child.set.type} matched nothing (${removal}): if it had one, that child is still there.`,
      )
    }
  }
}

/** A child all of whose steps were skipped by their conditions does not hold its parent back. */
function isLeft({ state, skipped = [] }: Resource): boolean {
  if (state === 'kept') return skipped.length === 0
  return state === 'live' || state === 'failed' || state === 'refused' || state === 'pending' || state === 'lost'
}

function heldBack({ set, key }: Resource, left: readonly Resource[]): RemovalOutcome {
  const [first] = left as readonly [Resource, ...Resource[]]
  const error = new DustpanError(
    'DUSTPAN_HAS_DEPENDENTS',
    `${set.type} ${JSON.stringify(key)} stays: its declared child ${first.set.type} is ${first.state}, and would be left without it.`,
    { hint: 'It is removed once its children can be: at the end of the run, or by `dustpan clean`.' },
  )
  const dependents = left.map((child) => ({ type: child.set.type, key: child.key }))
  return { state: 'refused', why: 'has-dependents', detail: { dependents }, error }
}

/** Takes the key out, so that the same warning appears only once. */
const withoutKey = (removal: string, key: string): string =>
  removal
    .split(/\b/)
    .map((part) => (part === key ? '…' : part))
    .join('')
