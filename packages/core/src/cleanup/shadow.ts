/** Shadow mode: the pipeline runs as usual, but nothing is removed or changed; the report shows what would have been. */
import { clock } from '../clock/clock.ts'
import type { Settings } from '../config/settings.ts'
import { type DustpanError, isDustpanError } from '../errors/dustpan-error.ts'
import { grouped } from '../planning/grouped.ts'
import { guardStore } from '../planning/guard.ts'
import { keptUntil } from '../planning/policy.ts'
import { shadowError } from '../planning/shadow-error.ts'
import type { StoreConnection } from '../resource/connection.ts'
import type { Resource } from '../resource/resource.ts'
import type { RemovalOutcome } from '../resource/target.ts'
import type { CleanupContext } from './context.ts'
import { removeLogged } from './removal-record.ts'

/** The recorded reason. */
export const inShadow = 'shadow'

/** Keeps what would be removed, and refuses what would be refused because of its address. */
export async function leaveInShadow(resources: readonly Resource[], ctx: CleanupContext): Promise<void> {
  for (const members of grouped(resources, ({ store }) => store.id).values()) {
    const refusal = refusalOf(members[0], ctx)
    if (refusal) await refuse(members, refusal, ctx)
    else keep(members, ctx)
  }
}

function refusalOf({ set: { store, steps } }: Resource, { settings }: CleanupContext): DustpanError | undefined {
  const [step] = steps
  try {
    guardStore(settings, (step && !('closure' in step) && step.store) || store)
    return undefined
  } catch (error) {
    if (isDustpanError(error)) return error
    throw error
  }
}

async function refuse(resources: readonly Resource[], error: DustpanError, ctx: CleanupContext): Promise<void> {
  const outcome: RemovalOutcome = { state: 'refused', why: 'host', detail: null, error }
  await removeLogged(resources, ctx, async () => new Map(resources.map(({ id }) => [id, outcome])))
}

function keep(resources: readonly Resource[], ctx: CleanupContext): void {
  const fresh = resources.filter(({ state, why }) => state !== 'kept' || why !== inShadow)
  if (fresh.length === 0) return
  const until = keptUntil(ctx.settings, {}, clock.now())
  ctx.write({ e: 'kept', ids: fresh.map(({ id }) => id), why: inShadow, ...until })
  for (const resource of fresh) {
    Object.assign(resource, { state: 'kept', why: inShadow })
    delete resource.error
  }
}

const changing: ReadonlySet<unknown> = new Set<keyof StoreConnection>(['remove', 'removeWhere', 'restore', 'putBack'])

/** A connection that can only read: the last safeguard of shadow mode. */
export function readOnlyConnection(connection: StoreConnection, settings: Settings): StoreConnection {
  return new Proxy(connection, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      if (!changing.has(name)) return value.bind(target)
      return () => Promise.reject(shadowError(settings))
    },
  })
}
