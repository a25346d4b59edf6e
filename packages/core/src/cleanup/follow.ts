/** Asks what became of resources that cannot be removed. Runs before any removal, because they may disappear with their container. */
import { messageOf } from '../errors/dustpan-error.ts'
import { type Group, grouped } from '../planning/grouped.ts'
import type { RemovalContext, StoreConnection } from '../resource/connection.ts'
import type { Resource, ResourceId, StoreRef } from '../resource/resource.ts'
import type { CleanupContext } from './context.ts'
import { late } from './deadline.ts'

/** Never rejects: what cannot be found out is recorded as unknown. */
export async function follow(resources: readonly Resource[], ctx: CleanupContext, deadline: number): Promise<void> {
  const open = resources.filter(({ state, result }) => state === 'audit' && result === undefined)
  const stores = grouped(open, ({ store }) => `${store.driver}\n${store.id}`)
  await Promise.all([...stores.values()].map((group) => followIn(group[0].set.store, group, ctx, deadline)))
}

async function followIn(store: StoreRef, resources: Group, ctx: CleanupContext, deadline: number): Promise<void> {
  const driver = ctx.drivers.get(store.driver)
  const { verify } = ctx.settings.cleanup
  if (!driver?.follows?.(verify)) return
  const ask = async (connection: StoreConnection, signal: AbortSignal) => {
    const options = { attempt: 1, batch: ctx.nextBatch(), run: ctx.run, verify, warn: ctx.warn }
    const context: RemovalContext = { signal, deadline, ...options }
    return connection.follow?.(
      resources.map(({ id, key, set }) => ({ id, key, type: set.type })),
      context,
    )
  }
  const answer = await ctx.asOwn(() => ctx.connections.use(driver, store, deadline, ask)).catch(messageOf)
  if (answer === undefined) return
  const results = answer === late || typeof answer === 'string' ? resources.map(notKnown(answer)) : [...answer]
  if (results.length > 0) ctx.write({ e: 'followed', told: results })
  const byId = new Map(results)
  for (const resource of resources) {
    const result = byId.get(resource.id)
    if (result !== undefined) resource.result = result
  }
}

function notKnown(why: string | typeof late): (resource: Resource) => readonly [ResourceId, string] {
  const reason = why === late ? 'no time to ask' : why
  return ({ id }) => [id, `outcome unknown: ${reason}`]
}
