/** Carries a plan out, within the deadline. One failure never stops the rest. */

import { type Group, grouped } from '../planning/grouped.ts'
import type { CleanupPlan } from '../planning/plan.ts'
import type { Driver } from '../resource/driver.ts'
import { isUnreachable, type Resource, type ResourceSet, type StoreRef } from '../resource/resource.ts'
import { keepSkipped, sortByCondition } from './applies.ts'
import { warnOfMissing } from './back-up.ts'
import { callClosures } from './closures.ts'
import type { CleanupContext } from './context.ts'
import { declaredChildren, holdBack, warnOfUnmatched } from './declared-children.ts'
import { allAs, lostStore, unknownDriver } from './outcomes.ts'
import { refuseBeyondProfile } from './refuse.ts'
import { removeLogged } from './removal-record.ts'
import { removeInBatches } from './remove-batch.ts'

export async function executePlan(plan: CleanupPlan, ctx: CleanupContext, deadline: number): Promise<void> {
  const all = plan.units.flatMap(({ resources }) => resources)
  const children = declaredChildren(all, ctx)
  for (const { resources } of plan.units) {
    await removeBySteps(await holdBack(resources, children, ctx), ctx, deadline)
    warnOfUnmatched(resources, children, ctx)
  }
}

/** The first step for all; the next step for those that failed for good or whose condition is not met, never for refused ones. */
async function removeBySteps(resources: readonly Resource[], ctx: CleanupContext, deadline: number): Promise<void> {
  let left = resources
  for (let step = 0; left.length > 0; step++) {
    const withStep = left.filter(({ set }) => set.steps[step] !== undefined)
    const { met, unmet } = sortByCondition(withStep, step, ctx)
    for (const group of byPlace(met, step)) await removeGroup(group, step, ctx, deadline)
    keepSkipped(
      unmet.filter(({ set }) => set.steps[step + 1] === undefined),
      ctx,
    )
    left = [...unmet, ...met.filter(hasFailed)]
  }
}

/** Includes unreachable resources: a fallback may lead to another store that does answer. */
const hasFailed = (resource: Resource): boolean =>
  resource.state === 'failed' || resource.state === 'lost' || isUnreachable(resource)

/** Groups that one call can remove: the same driver and store, or closures. */
function byPlace(resources: readonly Resource[], step: number): readonly Group[] {
  const groups = grouped(resources, (set) => {
    const { driver, store } = placeOf(set, step)
    return `${driver}\n${store.id}\n${store.bound ?? ''}`
  })
  return [...groups.values()]
}

function placeOf(set: ResourceSet, at: number): { driver: string; store: StoreRef } {
  const step = set.steps[at]
  if (!step || 'closure' in step) return { driver: 'closure', store: set.store }
  return { driver: step.driver, store: step.store ?? set.store }
}

async function removeGroup(resources: Group, step: number, ctx: CleanupContext, deadline: number): Promise<void> {
  const { driver: name, store } = placeOf(resources[0].set, step)
  if (name === 'closure') {
    return removeLogged(resources, ctx, async () => {
      const outcomes = await callClosures(resources, step, ctx, deadline)
      warnOfMissing(resources, outcomes, 'a function', ctx)
      return outcomes
    })
  }
  const driver = ctx.drivers.get(name)
  if (!driver) return removeLogged(resources, ctx, async () => allAs(resources, unknownDriver(name)))
  if (store.bound !== undefined && store.bound !== ctx.writer) return markGoneWithStore(resources, driver, ctx)
  const due = driver.isClosed?.(store) ? resources.filter(hasNotFailed) : resources
  const allowed = await refuseBeyondProfile(due, step, driver, store, ctx)
  if (allowed.length > 0) await removeInBatches(allowed, { step, driver, store, ctx, deadline })
}

/** A resource whose removal failed keeps its error: the server can no longer be asked. */
const hasNotFailed = ({ state }: Resource): boolean => state !== 'failed'

async function markGoneWithStore(resources: readonly Resource[], driver: Driver, ctx: CleanupContext): Promise<void> {
  if (driver.boundTo === 'lost') return markLost(resources.filter(hasNotFailed), ctx)
  ctx.write({ e: 'gone', ids: resources.map(({ id }) => id), by: 'store-gone' })
  for (const resource of resources) Object.assign(resource, { state: 'gone', why: 'store-gone' })
}

async function markLost(resources: readonly Resource[], ctx: CleanupContext): Promise<void> {
  if (resources.length > 0) await removeLogged(resources, ctx, async () => allAs(resources, lostStore))
}
