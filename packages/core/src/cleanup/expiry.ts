import type { Settings } from '../config/settings.ts'
import type { FoldedRun } from '../ledger/folded-run.ts'
import { isOfAnotherMachine } from '../ledger/liveness.ts'
import { isRestored } from '../ledger/standing.ts'
import type { Resource } from '../resource/resource.ts'

/** Whether a thing has outlived the time that it was given, and so is due whatever else is said. */
export function isExpired({ set }: Resource, now: number): boolean {
  return set.expiresAt !== undefined && set.expiresAt <= now
}

/** Whether it is due though it is kept, or would be: it was released, was kept as long as it was to be, or has expired. */
export const isDueAnyway = (resource: Resource, now: number): boolean => dueBy(resource) <= now

/** From when on it is due whatever else is said, in milliseconds since the epoch. */
export function dueBy(resource: Resource): number {
  if (resource.released) return 0
  if (isRestored(resource)) return Number.POSITIVE_INFINITY
  const { set, state, keptUntil } = resource
  return Math.min(
    set.expiresAt ?? Number.POSITIVE_INFINITY,
    (state === 'kept' ? keptUntil : undefined) ?? Number.POSITIVE_INFINITY,
  )
}

/** From when on nobody is to wait for its test any more. Never by another machine's clock: that may be hours off, and its tests at work. */
export function tooOldAt(
  { set, state, createdAt }: Resource,
  { cleanup }: Settings,
  run: Pick<FoldedRun, 'writers'>,
): number {
  if (isOfAnotherMachine(run)) return Number.POSITIVE_INFINITY
  return set.lifetime === 'test' && state !== 'kept' ? createdAt + cleanup.maxAgeMs : Number.POSITIVE_INFINITY
}

/** Whether nobody is to wait for its test any more: it is due anyway, or is older than a test's things may become and not kept on purpose. */
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
