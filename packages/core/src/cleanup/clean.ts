/** The one way in which anything is cleaned up: relate → plan → execute → look again at what waited for others. */
import { clock } from '../clock/clock.ts'
import type { Resource } from '../resource/resource.ts'
import type { CleanupContext } from './context.ts'
import { executePlan } from './execute.ts'
import { planCleanup } from './plan.ts'
import { type Related, relateAll } from './relate.ts'

/**
 * Removes what is given, in the right order, until the deadline (milliseconds since the epoch). States and outcomes are
 * set on the resources and written to the ledger. Never rejects because of a store or a driver.
 */
export async function clean(
  resources: readonly Resource[],
  ctx: CleanupContext,
  deadline: number,
): Promise<readonly Resource[]> {
  const due = holdOpenWork(resources.filter(isRemovable), ctx)
  if (due.length === 0) return []
  const { relations, derived } = await relateUntilSettled(due, ctx, deadline)
  const all = [...due, ...derived]
  await executePlan(planCleanup(all, relations, ctx.settings.cleanup.order), ctx, deadline)
  await againWhenUnblocked(all, relations, ctx, deadline)
  keepWhatKeptOnesNeed(all, ctx)
  return all
}

const isRemovable = ({ state, set }: Resource): boolean =>
  set.steps.length > 0 &&
  (state === 'live' || state === 'pending' || state === 'failed' || state === 'refused' || state === 'kept')

/** What was created in a transaction that is still open is not there yet, and its rows are locked: later. */
function holdOpenWork(resources: readonly Resource[], ctx: CleanupContext): readonly Resource[] {
  return resources.filter((resource) => {
    if (resource.set.tx === undefined || !ctx.isOpen(resource.set.tx)) return true
    resource.state = 'pending'
    resource.why = 'open-transaction'
    return false
  })
}

/** Derived things have dependents of their own. */
async function relateUntilSettled(due: readonly Resource[], ctx: CleanupContext, deadline: number): Promise<Related> {
  let related = await relateAll(due, ctx, deadline)
  const derived = [...related.derived]
  for (let found = related.derived; found.length > 0; ) {
    related = await relateAll([...due, ...derived], ctx, deadline)
    const known = new Set(derived.map(({ set, key }) => `${set.type} ${JSON.stringify(key)}`))
    found = related.derived.filter(({ set, key }) => !known.has(`${set.type} ${JSON.stringify(key)}`))
    derived.push(...found)
  }
  return { relations: related.relations, derived }
}

/** A parent refused because of dependents is free once these are gone: in this same cleanup they may have gone later. */
async function againWhenUnblocked(
  all: readonly Resource[],
  relations: Related['relations'],
  ctx: CleanupContext,
  deadline: number,
): Promise<void> {
  for (let before = Number.POSITIVE_INFINITY; ; ) {
    const blocked = all.filter(({ state, why }) => state === 'refused' && why === 'has-dependents')
    const progress = all.some(({ state }) => state === 'removed')
    if (
      blocked.length === 0 ||
      blocked.length >= before ||
      !progress ||
      blocked.length === all.length ||
      clock.now() >= deadline
    )
      return
    before = blocked.length
    await executePlan(planCleanup(blocked, relations, ctx.settings.cleanup.order), ctx, deadline)
  }
}

/** What could not go because a kept thing depends on it is kept with it. */
function keepWhatKeptOnesNeed(all: readonly Resource[], ctx: CleanupContext): void {
  const needed = all.filter(({ state, why, set, dependents }) => {
    if (state !== 'refused' || why !== 'has-dependents' || !dependents?.length) return false
    return dependents.every(({ type, key }) => ctx.isKept(set.store.id, type, key))
  })
  if (needed.length === 0) return
  const why = 'something kept depends on it'
  ctx.write({ e: 'kept', ids: needed.map(({ id }) => id), why })
  for (const resource of needed) {
    resource.state = 'kept'
    resource.why = why
    delete resource.error
  }
}
