/** With `cleanup.atomic`: what one scope left in one store goes in one call to its driver, all of it or nothing. */
import { clock } from '../clock/clock.ts'
import type { Resource, ResourceId, ScopeId } from '../resource/resource.ts'
import { withoutIdentity } from '../resource/store-identity.ts'
import type { CleanupContext } from './context.ts'
import type { CleanupPlan, PlannedUnit } from './plan.ts'

/** Scope by scope, the newest first; again, as long as that frees what another one held back. */
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
  const newest = (ofScope: readonly Resource[]) => ofScope.reduce((most, { order }) => Math.max(most, order), 0)
  return [...scopes.values()].sort((a, b) => newest(b) - newest(a))
}

/** The same plan with one unit for each store, where what the user named to go before or after does not forbid it. */
export function inOneUnitEach(plan: CleanupPlan, ctx: CleanupContext): CleanupPlan {
  const units = [...plan.units]
  for (const own of ofOneStore(plan.units)) if (own[0] && isAtomic(own[0], ctx)) join(units, own[0], own)
  warnWhenApart(units, ctx)
  return { units }
}

function ofOneStore(units: readonly PlannedUnit[]): Iterable<readonly PlannedUnit[]> {
  return Map.groupBy(units, ({ driver, store }) => `${driver}\n${store}`).values()
}

function isAtomic({ driver }: PlannedUnit, { drivers }: CleanupContext): boolean {
  return drivers.get(driver)?.capabilities.atomicBatch === true
}

/** What stands between goes after them all, or before them all. */
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

/** Whether some of the things were said to depend on some of the others. */
function isChildOf(things: readonly Resource[], others: readonly Resource[]): boolean {
  const ids = new Set<ResourceId>(others.map(({ id }) => id))
  return things.some(({ set }) => set.dependsOn?.some((id) => ids.has(id)) === true)
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
