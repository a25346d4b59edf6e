/** Checks through the drivers whether resources exist. Changes nothing, writes nothing. */
import { type DustpanError, isDustpanError, messageOf } from '../errors/dustpan-error.ts'
import { redact } from '../errors/redact.ts'
import { type Group, grouped } from '../planning/grouped.ts'
import type { RemovalContext, StoreConnection } from '../resource/connection.ts'
import type { Driver } from '../resource/driver.ts'
import type { Removal, Resource, ResourceId } from '../resource/resource.ts'
import { withoutIdentity } from '../resource/store-identity.ts'
import type { Presence } from '../resource/target.ts'
import type { CleanupContext } from './context.ts'
import { late } from './deadline.ts'
import { targetOf } from './target-of.ts'

export interface Sighting {
  readonly presence: Presence
  /** Why the presence is unknown. */
  readonly why?: string
  /** The error code, if the store could not be asked. */
  readonly code?: DustpanError['code']
}

/** A sighting per resource. Never rejects. */
export async function presenceOf(
  resources: readonly Resource[],
  ctx: CleanupContext,
  deadline: number,
): Promise<ReadonlyMap<ResourceId, Sighting>> {
  const seen = new Map<ResourceId, Sighting>()
  for (const group of grouped(resources, placeOf).values()) {
    const driver = driverToAsk(group, ctx)
    if (typeof driver === 'string') for (const { id } of group) seen.set(id, { presence: 'unknown', why: driver })
    else await lookAtAll(group, driver, seen, ctx, deadline)
  }
  return seen
}

function placeOf({ steps: [step], store }: Resource['set']): string {
  const removal = step as Removal | undefined
  const place = removal?.store ?? store
  return `${removal?.driver}\n${place.id}\n${place.bound}`
}

/** The driver to ask, or the reason why there is none. */
function driverToAsk([{ set }]: Group, { drivers, writer }: CleanupContext): Driver | string {
  const [step] = set.steps
  if (!step || 'closure' in step) return 'its removal is a function'
  const driver = drivers.get(step.driver)
  if (!driver) return `the configuration has no driver ${JSON.stringify(step.driver)}`
  const { bound } = step.store ?? set.store
  return bound === undefined || bound === writer ? driver : 'its store was in a process that has ended'
}

async function lookAtAll(
  group: Group,
  driver: Driver,
  seen: Map<ResourceId, Sighting>,
  ctx: CleanupContext,
  deadline: number,
): Promise<void> {
  const size = driver.capabilities.maxBatch
  for (let at = 0; at < group.length; at += size) {
    const batch = group.slice(at, at + size)
    const found = await look(batch, driver, ctx, deadline)
    for (const { id } of batch) seen.set(id, found(id))
  }
}

async function look(
  batch: readonly Resource[],
  driver: Driver,
  ctx: CleanupContext,
  deadline: number,
): Promise<(id: ResourceId) => Sighting> {
  const { store, steps } = (batch[0] as Resource).set
  const place = (steps[0] as Removal).store ?? store
  const ask = async (connection: StoreConnection, signal: AbortSignal) => {
    const context: RemovalContext = { signal, deadline, attempt: 1, batch: '', run: ctx.run, verify: 'read-back' }
    return connection.probe ? connection.probe(batch.map(targetOf), context) : undefined
  }
  try {
    const found = await ctx.asOwn(() => ctx.connections.use(driver, place, deadline, ask))
    if (found === late) return () => ({ presence: 'unknown', why: 'no time was left', code: 'DUSTPAN_BUDGET_EXCEEDED' })
    if (!found) return () => ({ presence: 'unknown', why: `${driver.name} cannot check` })
    return (id) => sightingOf(found.get(id) ?? 'unknown')
  } catch (error) {
    const why = `${withoutIdentity(place.id)} could not be asked: ${redact(messageOf(error))}`
    return () => ({ presence: 'unknown', why, code: isDustpanError(error) ? error.code : 'DUSTPAN_STORE_UNREACHABLE' })
  }
}

function sightingOf(seen: Presence | DustpanError): Sighting {
  if (isDustpanError(seen)) return { presence: 'unknown', why: redact(seen.message), code: seen.code }
  return seen === 'unknown' ? { presence: seen, why: "the store's answer does not say" } : { presence: seen }
}
