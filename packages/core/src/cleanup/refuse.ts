/** Refuses resources that may not be removed, whatever their store would say, and records the refusals. */
import type { Settings } from '../config/settings.ts'
import { type DustpanError, isDustpanError } from '../errors/dustpan-error.ts'
import { grouped } from '../planning/grouped.ts'
import { guardRemoval, guardStore } from '../planning/guard.ts'
import { protectedOf } from '../planning/protect.ts'
import type { Driver } from '../resource/driver.ts'
import { keyText } from '../resource/key-text.ts'
import type { Resource, ResourceSet, StoreRef } from '../resource/resource.ts'
import { namesKind } from '../resource/same-kind.ts'
import type { RemovalOutcome } from '../resource/target.ts'
import type { CleanupContext } from './context.ts'
import { unreachableFromHere } from './other-machine.ts'
import { lostStore } from './outcomes.ts'
import { removeLogged } from './removal-record.ts'

/** Returns the resources that the configuration does not protect. */
export async function refuseProtected(
  resources: readonly Resource[],
  ctx: CleanupContext,
): Promise<readonly Resource[]> {
  const found = protectedOf(resources, ctx)
  if (found.size === 0) return resources
  const outcomes = new Map(
    [...new Set(found.values())].map((protection): [unknown, RemovalOutcome] => [
      protection,
      { state: 'refused', detail: null, ...protection },
    ]),
  )
  await refuse([...found.keys()], (resource) => outcomes.get(found.get(resource)) as RemovalOutcome, ctx)
  return resources.filter((resource) => !found.has(resource))
}

/**
 * Returns the members of a group whose removal the driver may carry out under the profile. A store that is closed as a whole refuses
 * when it is called.
 */
export async function refuseBeyondProfile(
  resources: readonly Resource[],
  step: number,
  driver: Driver,
  store: StoreRef,
  ctx: CleanupContext,
): Promise<readonly Resource[]> {
  if (!driver.refuses || isClosed(ctx.settings, store, driver)) return resources
  const left: Resource[] = []
  for (const members of grouped(resources, ({ steps }) => steps).values()) {
    const removal = members[0].set.steps[step]
    const error = removal && !('closure' in removal) ? driver.refuses(removal) : undefined
    if (!error) left.push(...members)
    else await refuse(members, () => ({ state: 'refused', why: 'profile', detail: null, error }), ctx)
  }
  return left
}

function isClosed(settings: Settings, store: StoreRef, driver: Driver): boolean {
  try {
    guardRemoval(settings, store, driver.capabilities)
    return false
  } catch {
    return true
  }
}

async function refuse(
  resources: readonly Resource[],
  outcomeOf: (resource: Resource) => RemovalOutcome,
  ctx: CleanupContext,
): Promise<void> {
  const outcomes = new Map(resources.map((resource) => [resource.id, outcomeOf(resource)]))
  await removeLogged(resources, ctx, async () => outcomes)
}

/** Predicts refusals without touching any store. */
export function refusalsOf(
  resources: readonly Resource[],
  settings: Settings,
  drivers: ReadonlyMap<string, Driver>,
): ReadonlyMap<Resource, DustpanError> {
  const found = new Map(storeRefusals(resources, settings, drivers, settings.shadow ? guardStore : guardRemoval))
  for (const resource of resources) if (isOutOfReach(resource, resources, drivers)) found.set(resource, lostStore.error)
  for (const [resource, { error }] of protectedOf(resources, { settings, drivers })) found.set(resource, error)
  return found
}

/** Whether only ended processes could reach it, by any of its steps. False if its own row is on record: removing that removes it. */
function isOutOfReach(
  { set: { steps, store, type }, scope, key }: Resource,
  all: readonly Resource[],
  drivers: ReadonlyMap<string, Driver>,
): boolean {
  const isOver = (step: ResourceSet['steps'][number]) =>
    !('closure' in step) && (step.store ?? store).bound !== undefined && drivers.get(step.driver)?.boundTo === 'lost'
  if (steps.length === 0 || !steps.every(isOver)) return false
  return !all.some(
    (row) =>
      row.scope === scope &&
      row.set.store.bound === undefined &&
      keyText(row.key) === keyText(key) &&
      namesKind([type], [row.set.type]),
  )
}

/** Like {@link refusalsOf}, for restoring: checks only the address and the profile, as protection does not prevent a restore. */
export function storeRefusals(
  resources: readonly Resource[],
  settings: Settings,
  drivers: ReadonlyMap<string, Driver>,
  guard: typeof guardRemoval = guardRemoval,
): ReadonlyMap<Resource, DustpanError> {
  const found = new Map<Resource, DustpanError>()
  for (const [set, members] of grouped(resources, (one) => one)) {
    const error = unreachableFromHere(members[0], settings) ?? refusalOf(set, settings, drivers, guard)
    if (error) for (const resource of members) found.set(resource, error)
  }
  return found
}

function refusalOf(
  { store, steps: [step] }: ResourceSet,
  settings: Settings,
  drivers: ReadonlyMap<string, Driver>,
  guard: typeof guardRemoval,
): DustpanError | undefined {
  const removal = step && !('closure' in step) ? step : undefined
  const driver = removal && drivers.get(removal.driver)
  try {
    guard(settings, removal?.store ?? store, driver?.capabilities)
    return settings.shadow ? undefined : removal && driver?.refuses?.(removal)
  } catch (error) {
    if (isDustpanError(error)) return error
    throw error
  }
}
