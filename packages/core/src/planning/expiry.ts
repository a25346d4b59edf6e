import type { Settings } from '../config/settings.ts'
import type { FoldedRun } from '../ledger/folded-run.ts'
import { isOfAnotherMachine } from '../ledger/liveness.ts'
import { isRestored } from '../ledger/restored.ts'
import type { Resource } from '../resource/resource.ts'

/** Whether a resource has passed its expiry, and so is due regardless of policy. */
export function isExpired({ set }: Resource, now: number): boolean {
  return set.expiresAt !== undefined && set.expiresAt <= now
}

/** Whether it is due even if kept: it was released, its keep time is over, or it has expired. */
export const isDueAnyway = (resource: Resource, now: number): boolean => dueBy(resource) <= now

/** When it is due regardless of policy, in milliseconds since the epoch. */
export function dueBy(resource: Resource): number {
  if (resource.released) return 0
  if (isRestored(resource)) return Number.POSITIVE_INFINITY
  const { set, state, keptUntil } = resource
  return Math.min(
    set.expiresAt ?? Number.POSITIVE_INFINITY,
    (state === 'kept' ? keptUntil : undefined) ?? Number.POSITIVE_INFINITY,
  )
}

/** When cleanup stops waiting for its test to end. Never by another machine's clock, which may be hours off while its tests are running. */
export function tooOldAt(
  { set, state, createdAt }: Resource,
  { cleanup }: Settings,
  run: Pick<FoldedRun, 'writers'>,
): number {
  if (isOfAnotherMachine(run)) return Number.POSITIVE_INFINITY
  return set.lifetime === 'test' && state !== 'kept' ? createdAt + cleanup.maxAgeMs : Number.POSITIVE_INFINITY
}

/** Whether cleanup no longer waits for its test: it is due anyway, or exceeds a test resource's maximum age and is not kept on purpose. */
export function isOverdue(
  resource: Resource,
  settings: Settings,
  run: Pick<FoldedRun, 'writers'>,
  now: number,
): boolean {
  return isExpired(resource, now) || isKeptLongEnough(resource, now) || tooOldAt(resource, settings, run) <= now
}

const isKeptLongEnough = ({ state, keptUntil }: Resource, now: number): boolean =>
  state === 'kept' && keptUntil !== undefined && keptUntil <= now
