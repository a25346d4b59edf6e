/** Carries a plan out: batches, retries, fallbacks, each within the deadline. One failure never stops the rest. */
import { clock } from '../clock/clock.ts'
import { DustpanError } from '../errors/dustpan-error.ts'
import { compactOutcomes, loggedOutcome } from '../ledger/removal-log.ts'
import type { Driver, RemovalOutcome, StoreConnection, Target } from '../resource/driver.ts'
import type { Json, Removal, Resource, ResourceId, StoreRef } from '../resource/resource.ts'
import { callClosures } from './closures.ts'
import type { CleanupContext } from './context.ts'
import { outOfTime, unreachable } from './outcomes.ts'
import type { CleanupPlan } from './plan.ts'
import { mayRetry, retryDelay } from './retry.ts'
import { verified } from './verify.ts'

export type Outcomes = ReadonlyMap<ResourceId, RemovalOutcome>

export async function executePlan(plan: CleanupPlan, ctx: CleanupContext, deadline: number): Promise<void> {
  for (const { resources } of plan.units) await removeBySteps(resources, ctx, deadline)
}

/** The first step for all; the fallback for those that failed for good, never for those that were refused. */
async function removeBySteps(resources: readonly Resource[], ctx: CleanupContext, deadline: number): Promise<void> {
  let left = resources
  for (let step = 0; left.length > 0; step++) {
    const able = left.filter(({ set }) => set.steps[step] !== undefined)
    for (const group of byPlace(able, step)) await removeGroup(group, step, ctx, deadline)
    left = able.filter(({ state, set }) => state === 'failed' && set.steps[step + 1] !== undefined)
  }
}

/** What one call can take: the same driver and store, or the same closures. */
function byPlace(resources: readonly Resource[], step: number): readonly Resource[][] {
  const groups = new Map<string, Resource[]>()
  for (const resource of resources) {
    const { store, driver } = placeOf(resource, step)
    const key = `${driver}\n${store.id}`
    const group = groups.get(key)
    if (group) group.push(resource)
    else groups.set(key, [resource])
  }
  return [...groups.values()]
}

function placeOf({ set }: Resource, at: number): { driver: string; store: StoreRef } {
  const step = set.steps[at]
  if (!step || 'closure' in step) return { driver: 'closure', store: set.store }
  return { driver: step.driver, store: step.store ?? set.store }
}

async function removeGroup(
  resources: readonly Resource[],
  step: number,
  ctx: CleanupContext,
  deadline: number,
): Promise<void> {
  const { driver: name, store } = placeOf(resources[0] as Resource, step)
  if (name === 'closure') return logged(resources, ctx, () => callClosures(resources, step, ctx, deadline))
  const driver = ctx.drivers.get(name)
  if (!driver) return logged(resources, ctx, async () => all(resources, unknownDriver(name)))
  if (store.bound !== undefined && store.bound !== ctx.writer) return storeIsOver(resources, driver, ctx)
  for (const batch of chunks(resources, driver.capabilities.maxBatch))
    await removeBatch(batch, step, driver, store, ctx, deadline)
}

async function removeBatch(
  batch: readonly Resource[],
  step: number,
  driver: Driver,
  store: StoreRef,
  ctx: CleanupContext,
  deadline: number,
): Promise<void> {
  let left = batch
  for (let attempt = 1; left.length > 0; attempt++) {
    const outcomes = await removeOnce(left, step, driver, store, ctx, deadline, attempt)
    warnWhenAllGone(left, outcomes, ctx)
    left = left.filter(({ id }) => mayRetry(outcomes.get(id)))
    if (left.length === 0 || attempt >= ctx.settings.cleanup.attempts) return
    const delay = retryDelay(left, outcomes, attempt, ctx.settings)
    if (clock.now() + delay >= deadline) return
    await clock.sleep(delay)
  }
}

async function removeOnce(
  batch: readonly Resource[],
  step: number,
  driver: Driver,
  store: StoreRef,
  ctx: CleanupContext,
  deadline: number,
  attempt: number,
): Promise<Outcomes> {
  if (clock.now() >= deadline) {
    const outcomes = all(batch, outOfTime)
    ctx.warn(
      'DUSTPAN_BUDGET_EXCEEDED',
      `Cleanup took longer than its time (cleanup.timeout, ${ctx.settings.cleanup.timeoutMs} ms); what is left is tried again at the end of the run.`,
    )
    applyOutcomes(batch, outcomes, 0)
    return outcomes
  }
  const targets = batch.map((resource) => targetOf(resource, step))
  let outcomes: Outcomes = new Map()
  await logged(batch, ctx, async (batchId) => {
    const call = (connection: StoreConnection) =>
      callDriver(connection, driver, targets, ctx, deadline, attempt, batchId)
    outcomes = await withConnection(driver, store, ctx, deadline, batch, call)
    return outcomes
  })
  return outcomes
}

async function withConnection(
  driver: Driver,
  store: StoreRef,
  ctx: CleanupContext,
  deadline: number,
  batch: readonly Resource[],
  call: (connection: StoreConnection) => Promise<Outcomes>,
): Promise<Outcomes> {
  try {
    return await ctx.asOwn(() => ctx.connections.use(driver, store, deadline, call))
  } catch (error) {
    return all(batch, unreachable(error, store))
  }
}

async function callDriver(
  connection: StoreConnection,
  driver: Driver,
  targets: readonly Target[],
  ctx: CleanupContext,
  deadline: number,
  attempt: number,
  batch: string,
): Promise<Outcomes> {
  const { verify } = ctx.settings.cleanup
  const controller = new AbortController()
  const context = { signal: controller.signal, deadline, attempt, batch, run: ctx.run, verify }
  const timer = clock.setTimeout(
    () => controller.abort(new Error('cleanup.timeout')),
    Math.max(1, deadline - clock.now()),
  )
  try {
    const outcomes = await Promise.race([connection.remove(targets, context), aborted(controller.signal)])
    if (outcomes === undefined) return new Map(targets.map(({ id }) => [id, outOfTime]))
    return await verified(connection, driver, targets, outcomes, context)
  } finally {
    clock.clearTimeout(timer)
  }
}

const aborted = (signal: AbortSignal): Promise<undefined> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true }))

/** Begun before, ended after: what is written is also the audit trail. */
async function logged(
  resources: readonly Resource[],
  ctx: CleanupContext,
  remove: (batch: string) => Promise<Outcomes>,
): Promise<void> {
  const batch = ctx.nextBatch()
  ctx.write({ e: 'removal.begun', batch, ids: resources.map(({ id }) => id) })
  const start = clock.monotonic()
  const outcomes = await remove(batch)
  const durationMs = Math.round((clock.monotonic() - start) * 1000) / 1000
  applyOutcomes(resources, outcomes, durationMs)
  ctx.write({ e: 'removal.ended', batch, durationMs, ...compactOutcomes(outcomes) })
}

function applyOutcomes(resources: readonly Resource[], outcomes: Outcomes, durationMs: number): void {
  for (const resource of resources) {
    const outcome = outcomes.get(resource.id)
    if (!outcome) continue
    const { state, result, why, error } = loggedOutcome(outcome)
    if (outcome.state === 'refused') resource.dependents = dependentsOf(outcome.detail)
    resource.state = state
    resource.attempts++
    resource.durationMs += durationMs / resources.length
    assign(resource, { result, why, error })
  }
}

function assign(resource: Resource, values: { [K in 'result' | 'why' | 'error']: Resource[K] | undefined }): void {
  for (const name of ['result', 'why', 'error'] as const) {
    if (values[name] === undefined) delete resource[name]
    else Object.assign(resource, { [name]: values[name] })
  }
}

/** A driver that refuses with `has-dependents` tells `{ dependents: [{ type, key }] }`. */
function dependentsOf(detail: Json): NonNullable<Resource['dependents']> {
  const { dependents } = (detail ?? {}) as { dependents?: NonNullable<Resource['dependents']> }
  return dependents ?? []
}

function storeIsOver(resources: readonly Resource[], driver: Driver, ctx: CleanupContext): void {
  if (driver.boundTo !== 'lost') {
    ctx.write({ e: 'gone', ids: resources.map(({ id }) => id), by: 'store-gone' })
    for (const resource of resources) resource.state = 'gone'
    return
  }
  for (const resource of resources) {
    resource.state = 'lost'
    resource.error = {
      code: 'DUSTPAN_STORE_GONE',
      message: 'The server that could have removed it ran inside a process that is over.',
    }
  }
}

function targetOf({ id, key, set, createdAt }: Resource, step: number): Target {
  return { id, key, type: set.type, removal: set.steps[step] as Removal, proof: set.proof, createdAt }
}

const all = (resources: readonly Resource[], outcome: RemovalOutcome): Outcomes =>
  new Map(resources.map(({ id }) => [id, outcome]))

function chunks<T>(list: readonly T[], size: number): readonly (readonly T[])[] {
  if (list.length <= size) return [list]
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size))
}

function warnWhenAllGone(batch: readonly Resource[], outcomes: Outcomes, ctx: CleanupContext): void {
  if (batch.length < 2 || !batch.every(({ id }) => outcomes.get(id)?.state === 'already-gone')) return
  const { type, store } = (batch[0] as Resource).set
  ctx.warn(
    'DUSTPAN_BATCH_ALREADY_GONE',
    `All ${batch.length} ${type} in ${store.driver} were already gone: if no test removes them itself, check the store's address and the removal.`,
  )
}

function unknownDriver(name: string): RemovalOutcome {
  const error = new DustpanError(
    'DUSTPAN_UNKNOWN_DRIVER',
    `The configuration has no driver ${JSON.stringify(name)}, which the record names.`,
    {
      hint: 'Add it again, or run `dustpan forget` on the record.',
    },
  )
  return { state: 'failed', error, retry: false }
}
