/** Asks each store how due resources depend on each other, and records dependents that are proven to be the test's. */

import { type Group, grouped } from '../planning/grouped.ts'
import type { KnownRelations } from '../planning/plan.ts'
import type { Relations, StoreConnection } from '../resource/connection.ts'
import type { Driver } from '../resource/driver.ts'
import type { Resource, ResourceSet, StoreRef } from '../resource/resource.ts'
import type { CleanupContext } from './context.ts'
import { late } from './deadline.ts'
import { targetOf } from './target-of.ts'

export interface Related {
  readonly relations: KnownRelations
  /** Unrecorded dependents that are proven to be created after their parent. */
  readonly derived: readonly Resource[]
}

export async function relateAll(
  resources: readonly Resource[],
  ctx: CleanupContext,
  deadline: number,
  { dependents }: { dependents: boolean },
): Promise<Related> {
  const group = new Map<ResourceSet['steps'], string>()
  const edges: (readonly [string, string])[] = []
  const derived: Resource[] = []
  for (const { driver, store, alike } of byStore(resources, ctx)) {
    const members = dependents ? alike.flat() : alike.map(([first]) => first)
    const relations = await relateStore(driver, store, members, ctx, deadline, dependents)
    if (!relations) continue
    const name = (local: string) => `${driver.name}\n${store.id}\n${local}`
    for (const [{ id, set }] of alike) {
      const local = relations.group.get(id)
      if (local !== undefined) group.set(set.steps, name(local))
    }
    for (const [child, parent] of relations.edges) edges.push([name(child), name(parent)])
    if (dependents) derived.push(...deriveAll(relations, members, store, ctx))
  }
  return { relations: { group, edges }, derived }
}

interface StoreMembers {
  driver: Driver
  store: StoreRef
  /** Resources with the same steps have the same relations. */
  alike: Group[]
}

function byStore(resources: readonly Resource[], ctx: CleanupContext): readonly StoreMembers[] {
  const stores = new Map<string, StoreMembers>()
  for (const members of grouped(resources, ({ steps }) => steps).values()) {
    const { store, steps } = members[0].set
    const driver = ctx.drivers.get(store.driver)
    const [first] = steps
    if (!driver || !first || 'closure' in first || first.driver !== store.driver) continue
    if (store.bound !== undefined && store.bound !== ctx.writer) continue
    const key = `${store.driver}\n${store.id}`
    const found = stores.get(key)
    if (found) found.alike.push(members)
    else stores.set(key, { driver, store, alike: [members] })
  }
  return [...stores.values()]
}

/** Undefined if the store has no relations or cannot be asked: the removal itself will report why. */
async function relateStore(
  driver: Driver,
  store: StoreRef,
  members: readonly Resource[],
  ctx: CleanupContext,
  deadline: number,
  dependents: boolean,
): Promise<Relations | undefined> {
  const { verify } = ctx.settings.cleanup
  const byId = new Map(members.map((member) => [member.id, member]))
  const targets = members.map((member) => {
    const { createdAt, begunAt } = firstOf(member, byId)
    return { ...targetOf(member), createdAt, begunAt }
  })
  const ask = async (connection: StoreConnection, signal: AbortSignal) =>
    connection.relate?.(targets, {
      signal,
      deadline,
      attempt: 1,
      batch: '',
      run: ctx.run,
      verify,
      dependents,
    })
  try {
    const relations = await ctx.asOwn(() => ctx.connections.use(driver, store, deadline, ask))
    return relations === late ? undefined : relations
  } catch {
    return undefined
  }
}

/** A derived resource is taken to be as old as its recorded parent: its own age is unknown. */
function firstOf(resource: Resource, byId: ReadonlyMap<string, Resource>): Resource {
  const [parent = ''] = resource.set.origin === 'derived' ? (resource.set.dependsOn ?? []) : []
  const found = byId.get(parent)
  return found ? firstOf(found, byId) : resource
}

function deriveAll(
  { dependents }: Relations,
  members: readonly Resource[],
  store: StoreRef,
  ctx: CleanupContext,
): readonly Resource[] {
  const byId = new Map(members.map((member) => [member.id, member]))
  return dependents.flatMap(({ of, type, key, provenance, removal, proof }) => {
    const parent = byId.get(of)
    // Recorded resources follow the policy of their own test.
    if (ctx.find(store.id, type, key)) return []
    if (!parent || provenance !== 'after-parent' || !removal || !proof) return []
    return ctx.derive(parent, {
      type,
      keys: [key],
      store,
      steps: [removal],
      proof,
      lifetime: parent.set.lifetime,
      dependsOn: [parent.id],
      origin: 'derived',
    })
  })
}
