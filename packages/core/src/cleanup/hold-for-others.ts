/** Resources whose removal would take along others that stay (a folder with another test's file) wait until those are gone, or are kept too. */
import { clock } from '../clock/clock.ts'
import { DustpanError } from '../errors/dustpan-error.ts'
import { keptUntil } from '../planning/policy.ts'
import type { Driver } from '../resource/driver.ts'
import type { Resource, ResourceId } from '../resource/resource.ts'
import type { RemovalOutcome } from '../resource/target.ts'
import type { CleanupContext } from './context.ts'
import { removeLogged } from './removal-record.ts'
import { targetOf } from './target-of.ts'

/** Returns the resources that may be removed now. */
export async function holdForOthers(resources: readonly Resource[], ctx: CleanupContext): Promise<readonly Resource[]> {
  const held = heldAmong(resources, ctx)
  if (held.size === 0) return resources
  keepWith(
    [...held].flatMap(([one, { by }]) => (by.every(staysForGood) ? [one] : [])),
    ctx,
  )
  await wait(
    [...held].filter(([, { by }]) => !by.every(staysForGood)),
    ctx,
  )
  return resources.filter((resource) => !held.has(resource))
}

interface Holding {
  readonly by: readonly Resource[]
  readonly why: string
}

type Held = ReadonlyMap<Resource, Holding>

function heldAmong(resources: readonly Resource[], ctx: CleanupContext): Held {
  const due = new Set(resources.map(({ id }) => id))
  const byDriver = [...Map.groupBy(resources, (one) => removalDriverOf(one, ctx))]
  return new Map(
    byDriver.flatMap(([driver, going]) => {
      if (!driver?.takesAlong) return []
      const stores = Map.groupBy(going, ({ set }) => set.store.id)
      return [...stores].flatMap(([store, members]) => heldIn(store, driver, members, due, ctx))
    }),
  )
}

function heldIn(
  store: string,
  driver: Driver,
  going: readonly Resource[],
  due: ReadonlySet<ResourceId>,
  ctx: CleanupContext,
): [Resource, Holding][] {
  const isOther = (one: Resource) => !due.has(one.id) && isThere(one) && removalDriverOf(one, ctx) === driver
  const recorded = ctx.othersIn?.(store, going) ?? []
  const others = new Map(recorded.filter(isOther).map((one) => [one.id, one]))
  if (others.size === 0) return []
  const staying = [...others.values()].map((one) => ({ ...targetOf(one), goesOn: one.state === 'live' }))
  const along = driver.takesAlong?.(going.map(targetOf), staying)
  return going.flatMap((one): [Resource, Holding][] => {
    const found = (along?.get(one.id) ?? []).map(({ id, why }) => ({ other: others.get(id) as Resource, why }))
    const [first, ...more] = found.filter(({ other }) => !goesWith(one, other))
    return first ? [[one, { by: [first, ...more].map(({ other }) => other), why: first.why }]] : []
  })
}

/** Whether both are due together, or were kept together, whatever is being cleaned now. */
function goesWith(one: Resource, other: Resource): boolean {
  if (other.scope !== one.scope || other.set.lifetime !== one.set.lifetime) return false
  return !staysForGood(other) || (one.state === 'kept' && other.state === 'kept')
}

function removalDriverOf({ set: { steps, store } }: Resource, { drivers }: CleanupContext): Driver | undefined {
  const [step] = steps
  return step && !('closure' in step) && step.driver === store.driver ? drivers.get(step.driver) : undefined
}

const isThere = ({ state, why = '' }: Resource): boolean =>
  state === 'live' || state === 'pending' || state === 'kept' || state === 'shared' || untouchable.has(why)

const untouchable: ReadonlySet<string> = new Set(['protected', 'too-old', 'too-many'])

/** As far as this run knows. */
const staysForGood = ({ state, set }: Resource): boolean =>
  (state !== 'live' && state !== 'pending') || set.lifetime === 'persistent'

function keepWith(resources: readonly Resource[], ctx: CleanupContext): void {
  if (resources.length === 0) return
  const why = 'something kept depends on it'
  ctx.write({ e: 'kept', ids: resources.map(({ id }) => id), why, ...keptUntil(ctx.settings, {}, clock.now()) })
  for (const resource of resources) {
    Object.assign(resource, { state: 'kept', why })
    delete resource.error
  }
}

async function wait(held: readonly (readonly [Resource, Holding])[], ctx: CleanupContext): Promise<void> {
  if (held.length === 0) return
  const outcomes = new Map(held.map(([{ id }, { why }]) => [id, waitingFor(why)]))
  await removeLogged(
    held.map(([resource]) => resource),
    ctx,
    async () => outcomes,
  )
}

function waitingFor(why: string): RemovalOutcome {
  const error = new DustpanError('DUSTPAN_NOT_OURS', why, {
    hint: 'Dustpan tries again at the end of the file and of the run; after that, `dustpan clean` removes it.',
  })
  return { state: 'pending', why: 'holds-others', afterMs: 0, error }
}
