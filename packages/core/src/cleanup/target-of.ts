import type { Removal, Resource } from '../resource/resource.ts'
import type { Target } from '../resource/target.ts'

/** A resource as passed to its driver, for its first removal step. */
export const targetOf = (resource: Resource): Target => targetAt(resource, 0)

/** The same for any removal step. */
export function targetAt({ id, key, set, createdAt, begunAt }: Resource, step: number): Target {
  const { type, steps, proof, origin } = set
  return { id, key, type, removal: steps[step] as Removal, proof, createdAt, begunAt, captured: origin === 'captured' }
}
