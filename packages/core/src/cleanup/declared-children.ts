/** What a test declared to go with a thing, before it (`children`): whether it went. */
import { DustpanError } from '../errors/dustpan-error.ts'
import type { Resource, ResourceId } from '../resource/resource.ts'
import type { RemovalOutcome } from '../resource/target.ts'
import type { CleanupContext } from './context.ts'
import { parentOf } from './declared.ts'
import { describeRemoval } from './describe.ts'
import { removeLogged } from './removal-record.ts'

export type Children = ReadonlyMap<ResourceId, readonly Resource[]>

/** Of all that is on record beside the things, also what is not due with them. */
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

/** The rest: what would leave a child behind stays with it. */
export async function holdBack(
  resources: readonly Resource[],
  children: Children,
  ctx: CleanupContext,
): Promise<readonly Resource[]> {
  if (children.size === 0) return resources
  // What goes in one call goes as a whole, or not at all.
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

/** A child that matched nothing: perhaps there was none, perhaps the removal means something else. */
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

/** A child none of whose steps is for here holds nothing back. */
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

/** So that the same is told once, however many. */
const withoutKey = (removal: string, key: string): string =>
  removal
    .split(/\b/)
    .map((part) => (part === key ? '…' : part))
    .join('')
