import type { Removal, Resource } from '../resource/resource.ts'
import type { Target } from '../resource/target.ts'

/** A thing as a driver is asked about it, by the first of its removals. */
export const targetOf = (resource: Resource): Target => targetAt(resource, 0)

/** By one of its removals. */
export function targetAt({ id, key, set, createdAt, begunAt }: Resource, step: number): Target {
  const { type, steps, proof, origin } = set
  return { id, key, type, removal: steps[step] as Removal, proof, createdAt, begunAt, captured: origin === 'captured' }
}
