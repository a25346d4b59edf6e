/** Removes the resources in one store through its driver: in batches, each retried as its outcomes allow. */
import { clock } from '../clock/clock.ts'
import { allAlike, type Outcomes } from '../journal/removal-log.ts'
import { mayRetry, retryDelay } from '../planning/retry.ts'
import type { RemovalContext, StoreConnection } from '../resource/connection.ts'
import type { Driver } from '../resource/driver.ts'
import type { Resource, ResourceId, StoreRef } from '../resource/resource.ts'
import type { RemovalOutcome, Target } from '../resource/target.ts'
import { backUp, warnOfMissing } from './back-up.ts'
import type { CleanupContext } from './context.ts'
import { recordNote } from './note.ts'
import { allAs, driverFailed, outOfTime, unanswered, unreachable, waiting } from './outcomes.ts'
import { removeLogged } from './removal-record.ts'
import { targetAt } from './target-of.ts'
import { verified } from './verify.ts'

export interface Removing {
  readonly step: number
  readonly driver: Driver
  readonly store: StoreRef
  readonly ctx: CleanupContext
  readonly deadline: number
}

export async function removeInBatches(resources: readonly Resource[], removing: Removing): Promise<void> {
  const { maxBatch } = removing.driver.capabilities
  const size = isAtomic(removing) ? resources.length : maxBatch
  for (let at = 0; at < resources.length; at += size) await removeBatch(resources.slice(at, at + size), removing)
}

function isAtomic({ driver, ctx }: Removing): boolean {
  return ctx.settings.cleanup.atomic && driver.capabilities.atomicBatch
}

async function removeBatch(batch: readonly Resource[], removing: Removing): Promise<void> {
  const { driver, store, ctx, deadline } = removing
  const attempts = ctx.connections.isAway(driver, store) ? 1 : ctx.settings.cleanup.attempts
  let left = batch
  for (let attempt = 1; ; attempt++) {
    const outcomes = await removeOnce(left, attempt, removing)
    const isAway = left.some(({ why }) => why === 'unreachable')
    if (!isAway) ctx.connections.noteAway(driver, store, false)
    if (allAlike(outcomes)?.state === 'removed') return
    if (attempt === 1) warnWhenAllGone(left, outcomes, ctx)
    left = left.filter(({ id }) => mayRetry(outcomes.get(id)))
    if (left.length === 0) return
    const delay = retryDelay(left, outcomes, attempt, ctx.settings)
    if (attempt >= attempts || clock.now() + delay >= deadline) {
      if (isAway) ctx.connections.noteAway(driver, store, true)
      return
    }
    await clock.sleep(delay)
  }
}

async function removeOnce(batch: readonly Resource[], attempt: number, removing: Removing): Promise<Outcomes> {
  const { ctx, deadline } = removing
  let outcomes: Outcomes = new Map()
  await removeLogged(batch, ctx, async (batchId) => {
    const isTime = clock.now() < deadline
    outcomes = isTime ? await callDriver(batch, attempt, batchId, removing) : allAs(batch, outOfTime)
    return outcomes
  })
  if (batch.some(({ why }) => why === 'budget')) warnOfBudget(ctx)
  return outcomes
}

async function callDriver(
  batch: readonly Resource[],
  attempt: number,
  batchId: string,
  removing: Removing,
): Promise<Outcomes> {
  const { step, driver, store, ctx, deadline } = removing
  const { verify } = ctx.settings.cleanup
  const options = { attempt, batch: batchId, run: ctx.run, verify, atomic: isAtomic(removing), warn: ctx.warn }
  const note: NonNullable<RemovalContext['note']> = (ids, what) => recordNote(batch, ids, what, ctx)
  const targets = batch.map((resource) => dueTarget(resource, step, ctx.endOf?.(resource)))
  let outcomes: Outcomes | undefined
  const call = async (connection: StoreConnection, signal: AbortSignal) => {
    const context: RemovalContext = { signal, deadline, note, ...options }
    const left = await notBackedUp(connection, batch, targets, context, removing)
    const due = left.size === 0 ? targets : targets.filter(({ id }) => !left.has(id))
    const gone = due.length === 0 ? new Map() : await answered(connection, driver, due, context)
    outcomes = left.size === 0 ? gone : new Map([...left, ...gone])
    outcomes = await verified(connection, driver, targets, outcomes, context)
    warnOfMissing(batch, outcomes, driver.name, ctx)
  }
  try {
    await ctx.asOwn(() => ctx.connections.use(driver, store, deadline, call))
    return outcomes ? waiting(outcomes) : allAs(batch, outOfTime)
  } catch (error) {
    const outcome = error instanceof DriverThrew ? driverFailed(error.cause, driver.name) : unreachable(error, store)
    return waiting(allAs(batch, outcome))
  }
}

/** Resources that stay because their backup failed; all of them if the removal is atomic. */
async function notBackedUp(
  connection: StoreConnection,
  batch: readonly Resource[],
  targets: readonly Target[],
  context: RemovalContext,
  { step, driver, ctx }: Removing,
): Promise<Outcomes> {
  if (!ctx.settings.cleanup.backup) return none
  const failed = await backUp(connection, batch, targets, context, { step, driver: driver.name, ctx })
  const [first] = failed.values()
  if (first && context.atomic) return allAs(batch, { state: 'failed', error: first, retry: false })
  return new Map([...failed].map(([id, error]) => [id, { state: 'failed', error, retry: false }]))
}

const none: Outcomes = new Map()

/** Every target gets exactly one outcome: what the driver does not report on counts as not removed. */
async function answered(
  connection: StoreConnection,
  driver: Driver,
  targets: readonly Target[],
  context: RemovalContext,
): Promise<ReadonlyMap<ResourceId, RemovalOutcome>> {
  try {
    const outcomes = await connection.remove(targets, context)
    if (outcomes.size === targets.length && targets.every(({ id }) => outcomes.has(id))) return outcomes
    return new Map(targets.map(({ id }) => [id, outcomes.get(id) ?? unanswered(driver.name)]))
  } catch (cause) {
    throw new DriverThrew(cause)
  }
}

/** Distinguishes a removal that threw from a connection that could not be opened. */
class DriverThrew extends Error {
  constructor(cause: unknown) {
    super('', { cause })
  }
}

/** The target, with notes of earlier attempts and the end of its test. */
function dueTarget(resource: Resource, step: number, endedAt?: number): Target {
  const { note, interrupted } = resource
  const target = targetAt(resource, step)
  if (note == null && !interrupted && endedAt === undefined) return target
  return {
    ...target,
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(note == null ? {} : { note }),
    ...(interrupted ? { interrupted } : {}),
  }
}

function warnWhenAllGone(batch: readonly Resource[], outcomes: Outcomes, ctx: CleanupContext): void {
  // Rows from a store's own log are known to be in that store.
  const isExpected = ({ id }: Resource) =>
    (outcomes.get(id) as { readonly expected?: true } | undefined)?.expected === true
  const doubtful = batch.filter((resource) => resource.set.origin !== 'collected' && !isExpected(resource))
  for (const [type, ofType] of Map.groupBy(doubtful, ({ set }) => set.type)) {
    if (ofType.length < 2 || !ofType.every(({ id }) => outcomes.get(id)?.state === 'already-gone')) continue
    const { driver } = (ofType[0] as Resource).set.store
    ctx.warn(
      'DUSTPAN_BATCH_ALREADY_GONE',
      `All ${ofType.length} ${type} in ${driver} were already gone: if no test removes them itself, check the store's address and the removal.`,
    )
  }
}

function warnOfBudget(ctx: CleanupContext): void {
  ctx.warn(
    'DUSTPAN_BUDGET_EXCEEDED',
    `Cleanup exceeded cleanup.timeout (${ctx.settings.cleanup.timeoutMs} ms); the rest is retried at the end of the run.`,
  )
}
