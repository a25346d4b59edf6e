/** With `cleanup.atomic`: the resources of one scope in one store are removed by one call to the driver, all or none. */
import { clock } from '../clock/clock.ts'
import type { CleanupPlan, PlannedUnit } from '../planning/plan.ts'
import type { Resource, ResourceId, ScopeId } from '../resource/resource.ts'
import { withoutIdentity } from '../resource/store-identity.ts'
import type { CleanupContext } from './context.ts'

/** Cleans scope by scope, newest first; repeats as long as that unblocks other scopes. */
export async function cleanByScope(
  resources: readonly Resource[],
  deadline: number,
  cleanScope: (ofScope: readonly Resource[]) => Promise<readonly Resource[]>,
): Promise<readonly Resource[]> {
  const found: Resource[] = []
  let left = scopesOf(resources)
  for (let before = left.length + 1; left.length > 0 && left.length < before && clock.now() < deadline; ) {
    before = left.length
    for (const ofScope of left) found.push(...(await cleanScope(ofScope)))
    left = left.filter((ofScope) => ofScope.some(({ state, why }) => state === 'refused' && why === 'has-dependents'))
  }
  return found
}

function scopesOf(resources: readonly Resource[]): readonly (readonly Resource[])[] {
  const scopes = new Map<ScopeId, Resource[]>()
  for (const resource of resources) {
    const ofScope = scopes.get(resource.scope)
    if (ofScope) ofScope.push(resource)
    else scopes.set(resource.scope, [resource])
  }
  const newest = (ofScope: readonly Resource[]) => ofScope.reduce((max, { order }) => Math.max(max, order), 0)
  return [...scopes.values()].sort((a, b) => newest(b) - newest(a))
}

/** Merges the plan's units into one per store, unless an order that the user named forbids it. */
export function oneUnitPerStore(plan: CleanupPlan, ctx: CleanupContext): CleanupPlan {
  const units = [...plan.units]
  for (const ofStore of unitsByStore(plan.units))
    if (ofStore[0] && isAtomic(ofStore[0], ctx)) join(units, ofStore[0], ofStore)
  warnWhenApart(units, ctx)
  return { units }
}

function unitsByStore(units: readonly PlannedUnit[]): Iterable<readonly PlannedUnit[]> {
  return Map.groupBy(units, ({ driver, store }) => `${driver}\n${store}`).values()
}

function isAtomic({ driver }: PlannedUnit, { drivers }: CleanupContext): boolean {
  return drivers.get(driver)?.capabilities.atomicBatch === true
}

/** Units in between are moved behind the merged unit, or in front of it. */
function join(units: PlannedUnit[], unit: PlannedUnit, own: readonly PlannedUnit[]): void {
  const [first, last] = [units.indexOf(unit), units.indexOf(own.at(-1) ?? unit)]
  const between = units.slice(first, last).filter((other) => !own.includes(other))
  const all: PlannedUnit = { ...unit, resources: own.flatMap(({ resources }) => resources) }
  const rest = own.slice(1).flatMap(({ resources }) => resources)
  const start = own.slice(0, -1).flatMap(({ resources }) => resources)
  const mayLead = !between.some(({ resources }) => isChildOf(resources, rest))
  const mayTrail = !between.some(({ resources }) => isChildOf(start, resources))
  if (mayLead) units.splice(first, last - first + 1, all, ...between)
  else if (mayTrail) units.splice(first, last - first + 1, ...between, all)
}

/** Whether the user declared a dependency of some of these resources on some of the others. */
function isChildOf(resources: readonly Resource[], others: readonly Resource[]): boolean {
  const ids = new Set<ResourceId>(others.map(({ id }) => id))
  return resources.some(({ set }) => set.dependsOn?.some((id) => ids.has(id)) === true)
}

function warnWhenApart(units: readonly PlannedUnit[], ctx: CleanupContext): void {
  const apart = units.length > 1 ? units : units.filter((unit) => !isAtomic(unit, ctx))
  if (apart.length === 0) return
  const places = [...new Set(apart.map(({ store }) => withoutIdentity(store)))].join(', ')
  const loose = [...new Set(apart.filter((unit) => !isAtomic(unit, ctx)).map(({ driver }) => driver))]
  const why = loose.length > 0 ? `; resources of ${loose.join(', ')} are removed one by one` : ''
  ctx.warn(
    'DUSTPAN_NOT_ATOMIC',
    `cleanup.atomic covers one store at a time, and this cleanup had resources in ${places}${why}.`,
  )
}
