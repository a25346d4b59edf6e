/** What became of things that cannot be removed: asked before anything is, since it may go with what they are in. */
import { messageOf } from '../errors/dustpan-error.ts'
import type { RemovalContext, StoreConnection } from '../resource/connection.ts'
import type { Resource, ResourceId, StoreRef } from '../resource/resource.ts'
import type { CleanupContext } from './context.ts'
import { late } from './deadline.ts'
import { type Group, grouped } from './grouped.ts'

/** Never rejects: what nobody can tell is not known. */
export async function follow(resources: readonly Resource[], ctx: CleanupContext, deadline: number): Promise<void> {
  const open = resources.filter(({ state, result }) => state === 'audit' && result === undefined)
  const stores = grouped(open, ({ store }) => `${store.driver}\n${store.id}`)
  await Promise.all([...stores.values()].map((group) => followIn(group[0].set.store, group, ctx, deadline)))
}

async function followIn(store: StoreRef, things: Group, ctx: CleanupContext, deadline: number): Promise<void> {
  const driver = ctx.drivers.get(store.driver)
  const { verify } = ctx.settings.cleanup
  if (!driver?.follows?.(verify)) return
  const ask = async (connection: StoreConnection, signal: AbortSignal) => {
    const asked = { attempt: 1, batch: ctx.nextBatch(), run: ctx.run, verify, warn: ctx.warn }
    const context: RemovalContext = { signal, deadline, ...asked }
    return connection.follow?.(
      things.map(({ id, key, set }) => ({ id, key, type: set.type })),
      context,
    )
  }
  const told = await ctx.asOwn(() => ctx.connections.use(driver, store, deadline, ask)).catch(messageOf)
  if (told === undefined) return
  const results = told === late || typeof told === 'string' ? things.map(notKnown(told)) : [...told]
  if (results.length > 0) ctx.write({ e: 'followed', told: results })
  const byId = new Map(results)
  for (const thing of things) {
    const result = byId.get(thing.id)
    if (result !== undefined) thing.result = result
  }
}

function notKnown(why: string | typeof late): (thing: Resource) => readonly [ResourceId, string] {
  const reason = why === late ? 'no time to ask' : why
  return ({ id }) => [id, `outcome unknown: ${reason}`]
}
