import type { Settings } from '../config/settings.ts'
import type { Resource } from '../resource/resource.ts'

/** Whether a thing has outlived the time that it was given, and so is due whatever else is said. */
export function isExpired({ set }: Resource, now: number): boolean {
  return set.expiresAt !== undefined && set.expiresAt <= now
}

/** Whether nobody is to wait for its test any more: it has expired, or is older than a test's things may become and not kept on purpose. */
export function isOverdue(resource: Resource, { cleanup }: Settings, now: number): boolean {
  if (isExpired(resource, now)) return true
  const { set, state, createdAt } = resource
  return set.lifetime === 'test' && state !== 'kept' && createdAt + cleanup.maxAgeMs <= now
}
