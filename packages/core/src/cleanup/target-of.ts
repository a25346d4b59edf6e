import type { Removal, Resource } from '../resource/resource.ts'
import type { Target } from '../resource/target.ts'

/** A thing as a driver is asked about it. @param step which of its removals */
export function targetOf({ id, key, set, createdAt, begunAt }: Resource, step = 0): Target {
  const { type, steps, proof, origin } = set
  return { id, key, type, removal: steps[step] as Removal, proof, createdAt, begunAt, captured: origin === 'captured' }
}
