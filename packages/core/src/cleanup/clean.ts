/** The one cleanup pipeline: relate → plan → execute → look for dependents of whatever was blocked. */
import { clock } from '../clock/clock.ts'
import { type CleanupPlan, planCleanup } from '../planning/plan.ts'
import { keptUntil } from '../planning/policy.ts'
import { isRemovable } from '../planning/removable.ts'
import type { Json, Resource } from '../resource/resource.ts'
import { cleanByScope, oneUnitPerStore } from './atomic.ts'
import type { CleanupContext } from './context.ts'
import { executePlan } from './execute.ts'
import { holdForOthers } from './hold-for-others.ts'
import { leaveToOtherMachines } from './other-machine.ts'
import { refuseProtected } from './refuse.ts'
import { type Related, relateAll } from './relate.ts'
import { markGoneWithRows, waitingForRows } from './row-behind.ts'
import { leaveInShadow } from './shadow.ts'

/**
 * Removes the resources in the right order, until the deadline (milliseconds since the epoch). States and outcomes are
 * set on the resources and written to the ledger. Never rejects because of a store or a driver. Returns the dependents that were found
 * on the way, whether they were removed or not.
 */
export async function clean(
  resources: readonly Resource[],
  ctx: CleanupContext,
  deadline: number,
): Promise<readonly Resource[]> {
  const allowed = await refuseProtected(await leaveToOtherMachines(resources.filter(isRemovable), ctx), ctx)
  if (ctx.settings.shadow) {
    await leaveInShadow(allowed, ctx)
    return []
  }
  const free = await holdForOthers(allowed, ctx)
  const together = (some: readonly Resource[]) => cleanTogether(some, ctx, deadline)
  return ctx.connections.round(() =>
    ctx.settings.cleanup.atomic ? cleanByScope(free, deadline, together) : together(free),
  )
}

async function cleanTogether(
  resources: readonly Resource[],
  ctx: CleanupContext,
  deadline: number,
): Promise<readonly Resource[]> {
  const due = holdOpenWork(resources, ctx)
  const waiting = waitingForRows(due, ctx)
  const found = await cleanDue(waiting.size === 0 ? due : due.filter((one) => !waiting.has(one)), ctx, deadline)
  markGoneWithRows(due, ctx)
  const left = [...waiting].filter(isRemovable)
  return left.length === 0 ? found : [...found, ...(await cleanDue(left, ctx, deadline))]
}

async function cleanDue(due: readonly Resource[], ctx: CleanupContext, deadline: number): Promise<readonly Resource[]> {
  if (due.length === 0) return []
  const { relations } = await relateAll(due, ctx, deadline, { dependents: false })
  await executePlan(planFor(due, relations, ctx), ctx, deadline)
  if (!due.some(isBlocked)) return []
  const found = await withDependents(due, ctx, deadline)
  const all = [...due, ...found]
  if (!ctx.settings.cleanup.atomic) await retryUnblocked(all, relations, ctx, deadline)
  keepDependenciesOfKept(all, ctx)
  return found
}

function planFor(resources: readonly Resource[], relations: Related['relations'], ctx: CleanupContext): CleanupPlan {
  const plan = planCleanup(resources, relations, ctx.settings.cleanup.order)
  return ctx.settings.cleanup.atomic ? oneUnitPerStore(plan, ctx) : plan
}

/** Resources created in a transaction that is still open are not there yet, and their rows are locked: they wait. */
function holdOpenWork(resources: readonly Resource[], ctx: CleanupContext): readonly Resource[] {
  return resources.filter((resource) => {
    if (resource.set.tx === undefined || !ctx.isOpen(resource.set.tx)) return true
    resource.state = 'pending'
    resource.why = 'open-transaction'
    return false
  })
}

/**
 * For resources refused because of unrecorded dependents: dependents that are proven to be the test's are removed first, recursively.
 * Done only now: most resources have none, and the removal itself refuses to take dependents along.
 */
async function withDependents(
  all: readonly Resource[],
  ctx: CleanupContext,
  deadline: number,
): Promise<readonly Resource[]> {
  const blocked = all.filter(ctx.settings.cleanup.atomic ? isRemovable : isBlocked)
  const wanted = [...blocked]
  for (;;) {
    const { relations, derived } = await relateAll(wanted, ctx, deadline, { dependents: true })
    wanted.push(...derived)
    if (derived.length > 0) continue
    const found = wanted.slice(blocked.length)
    const allowed = await refuseProtected(found, ctx)
    if (allowed.length > 0) await executePlan(planFor([...blocked, ...allowed], relations, ctx), ctx, deadline)
    return found
  }
}

/** A parent that was refused because of dependents may be free by now: this same cleanup may have removed them later. */
async function retryUnblocked(
  all: readonly Resource[],
  relations: Related['relations'],
  ctx: CleanupContext,
  deadline: number,
): Promise<void> {
  if (!all.some(({ state }) => state === 'removed')) return
  for (let before = all.length; clock.now() < deadline; ) {
    const blocked = all.filter(isBlocked)
    if (blocked.length === 0 || blocked.length >= before) return
    before = blocked.length
    await executePlan(planFor(blocked, relations, ctx), ctx, deadline)
  }
}

const isBlocked = ({ state, why }: Resource): boolean => state === 'refused' && why === 'has-dependents'

/** Keeps resources that could not be removed because kept ones depend on them; repeats for whatever that blocks. */
function keepDependenciesOfKept(all: readonly Resource[], ctx: CleanupContext): void {
  const why = 'something kept depends on it'
  for (;;) {
    const needed = all.filter((resource) => isBlocked(resource) && isNeededByKept(resource, ctx))
    if (needed.length === 0) return
    ctx.write({ e: 'kept', ids: needed.map(({ id }) => id), why, ...keptUntil(ctx.settings, {}, clock.now()) })
    for (const resource of needed) {
      Object.assign(resource, { state: 'kept', why })
      delete resource.error
    }
  }
}

function isNeededByKept({ set, dependents = [] }: Resource, ctx: CleanupContext): boolean {
  const isKept = ({ type, key }: { type: string; key: Json }) => ctx.find(set.store.id, type, key)?.state === 'kept'
  return dependents.length > 0 && dependents.every(isKept)
}
