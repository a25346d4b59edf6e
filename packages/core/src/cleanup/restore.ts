/** Restores removed resources: from their backups, or by undoing a soft delete. */
import { clock } from '../clock/clock.ts'
import { loggedError } from '../journal/removal-log.ts'
import { type Backup, readBackups } from '../ledger/backups.ts'
import { beginRestoring, endRestoring } from '../ledger/restored.ts'
import { type CleanupPlan, planCleanup } from '../planning/plan.ts'
import type { Driver } from '../resource/driver.ts'
import type { Removal, Resource, ResourceId } from '../resource/resource.ts'
import type { RestoreOutcome } from '../resource/target.ts'
import type { CleanupContext } from './context.ts'
import { isThere, putBack, type Restoring } from './put-back.ts'
import { relateAll } from './relate.ts'

export type Restored = ReadonlyMap<ResourceId, RestoreOutcome>

/** Whether there is a way to restore it. */
export function isRestorable(
  { backup, state, set: { steps } }: Resource,
  drivers: ReadonlyMap<string, Driver>,
): boolean {
  const [step] = steps
  if (backup) return true
  return state === 'removed' && step !== undefined && !('closure' in step) && isMarked(step, drivers)
}

const isMarked = (step: Removal, drivers: ReadonlyMap<string, Driver>): boolean =>
  drivers.get(step.driver)?.restores?.(step) ?? false

/** Parents first: the order of removal, reversed. Asks no store. */
export function planRestoring(
  resources: readonly Resource[],
  relations: Parameters<typeof planCleanup>[1] = { group: new Map(), edges: [] },
): CleanupPlan {
  const { units } = planCleanup(resources, relations, 'reverse')
  return { units: units.toReversed().map((unit) => ({ ...unit, resources: unit.resources.toReversed() })) }
}

/** Never rejects. Restored resources are recorded as kept. `after`: the time of the last event that the caller knows. */
export async function restoreAll(
  resources: readonly Resource[],
  ctx: CleanupContext,
  deadline: number,
  after: number,
): Promise<Restored> {
  const backups = readBackups(ctx.settings.dir, ctx.run, new Set(resources.map(({ id }) => id)))
  const { relations } = await relateAll(resources, ctx, deadline, { dependents: false })
  const outcomes = new Map<ResourceId, RestoreOutcome>()
  for (const unit of planRestoring(resources, relations).units) {
    for (const [restoring, members] of byPlace(unit.resources, backups, ctx)) {
      for (const batch of chunks(members, restoring.driver?.capabilities.maxBatch ?? members.length)) {
        if (ctx.stop?.aborted) return outcomes
        const restored = await restoreLogged(batch, ctx, after, () => putBack(batch, restoring, ctx, deadline))
        for (const [id, outcome] of restored) outcomes.set(id, outcome)
      }
    }
  }
  return outcomes
}

/** Groups that one call can restore: the same driver, store and method. */
function byPlace(
  resources: readonly Resource[],
  backups: ReadonlyMap<ResourceId, Backup>,
  ctx: CleanupContext,
): readonly (readonly [Restoring, readonly Resource[]])[] {
  const stepOf = ({ id }: Resource) => backups.get(id)?.step ?? 0
  const groups = Map.groupBy(resources, (resource) => {
    const step = resource.set.steps[stepOf(resource)]
    const isRow = backups.has(resource.id)
    if (!step || 'closure' in step) return ''
    return `${isRow}\n${step.driver}\n${(step.store ?? resource.set.store).id}`
  })
  return [...groups.values()].map((members) => {
    const [first] = members as [Resource]
    const step = first.set.steps[stepOf(first)]
    const driver = step && !('closure' in step) ? ctx.drivers.get(step.driver) : undefined
    const store = (step && !('closure' in step) ? step.store : undefined) ?? first.set.store
    return [{ driver, store, backups }, members]
  })
}

function* chunks<T>(all: readonly T[], size: number): Iterable<readonly T[]> {
  for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size)
}

/** Writes `restore.begun` before and `restore.ended` after: if this process dies in between, the ledger knows what may be back. */
async function restoreLogged(
  resources: readonly Resource[],
  ctx: CleanupContext,
  after: number,
  restore: () => Promise<Restored>,
): Promise<Restored> {
  const batch = ctx.nextBatch()
  ctx.write({ e: 'restore.begun', batch, ids: resources.map(({ id }) => id), after })
  const before = beginRestoring(resources)
  const start = clock.monotonic()
  const outcomes = await restore()
  const durationMs = Math.round((clock.monotonic() - start) * 1000) / 1000
  const failed = [...outcomes].flatMap(([id, outcome]) =>
    outcome.state === 'failed' ? [[id, loggedError(outcome.error, 'DUSTPAN_RESTORE_FAILED')] as const] : [],
  )
  const untouched = [...outcomes].flatMap(([id, outcome]) => (isThere(outcome) ? [id] : []))
  const unsure = [...outcomes].flatMap(([id, outcome]) => ('unsure' in outcome ? [id] : []))
  endRestoring(before, new Set(untouched), new Set(failed.map(([id]) => id)).difference(new Set(unsure)))
  ctx.write({ e: 'restore.ended', batch, durationMs, there: untouched, failed, ...(unsure.length > 0 && { unsure }) })
  return outcomes
}
