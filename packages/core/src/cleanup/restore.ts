/** Brings back what was only marked as deleted, by what stands on record beside its removal. */

import { DustpanError, isDustpanError, messageOf } from '../errors/dustpan-error.ts'
import type { RemovalContext, RestoreOutcome, StoreConnection } from '../resource/driver.ts'
import type { Removal, Resource, ResourceId, StoreRef } from '../resource/resource.ts'
import type { CleanupContext } from './context.ts'
import { late } from './deadline.ts'
import { type Group, grouped } from './grouped.ts'

/** Never rejects. Nothing of it is put on record: what was removed stays so there. */
export async function restoreAll(
  resources: readonly Resource[],
  ctx: CleanupContext,
  deadline: number,
): Promise<ReadonlyMap<ResourceId, RestoreOutcome>> {
  const outcomes = new Map<ResourceId, RestoreOutcome>()
  for (const group of grouped(resources, placeOf).values()) {
    for (const [id, outcome] of await restoreGroup(group, ctx, deadline)) outcomes.set(id, outcome)
  }
  return outcomes
}

function placeOf({ steps: [step], store }: Resource['set']): string {
  return step && !('closure' in step) ? `${step.driver}\n${(step.store ?? store).id}` : ''
}

async function restoreGroup(
  resources: Group,
  ctx: CleanupContext,
  deadline: number,
): Promise<ReadonlyMap<ResourceId, RestoreOutcome>> {
  const [step] = resources[0].set.steps
  const driver = step && !('closure' in step) ? ctx.drivers.get(step.driver) : undefined
  if (!driver) return failed(resources, 'its removal is a function, or by a driver that is not configured')
  const store: StoreRef = (step as Removal).store ?? resources[0].set.store
  const restore = (connection: StoreConnection, signal: AbortSignal) => {
    const context: RemovalContext = { signal, deadline, attempt: 1, batch: '', run: ctx.run, verify: 'none' }
    return connection.restore?.(resources.map(targetOf), context) ?? Promise.resolve(undefined)
  }
  try {
    const restored = await ctx.asOwn(() => ctx.connections.use(driver, store, deadline, restore))
    if (restored === late) return failed(resources, 'no time was left')
    return restored ?? failed(resources, `what ${driver.name} removes does not come back`)
  } catch (cause) {
    return failed(resources, messageOf(cause), cause)
  }
}

function targetOf({ id, key, set, createdAt }: Resource) {
  return { id, key, type: set.type, removal: set.steps[0] as Removal, proof: set.proof, createdAt }
}

function failed(resources: Group, why: string, cause?: unknown): ReadonlyMap<ResourceId, RestoreOutcome> {
  const error = isDustpanError(cause)
    ? cause
    : new DustpanError('DUSTPAN_RESTORE_FAILED', `${resources[0].set.type} is not brought back: ${why}.`)
  return new Map(resources.map(({ id }) => [id, { state: 'failed', error }]))
}
