import type { Json } from '../resource/resource.ts'

/** A key as the list of its columns' values. */
export function keyParts(key: Json): readonly Json[] {
  return Array.isArray(key) ? (key as readonly Json[]) : [key]
}
