import type { Resource } from '../resource/resource.ts'

/** Whether a thing has outlived the time that it was given, and so is due whatever else is said. */
export function isExpired({ set }: Resource, now: number): boolean {
  return set.expiresAt !== undefined && set.expiresAt <= now
}
