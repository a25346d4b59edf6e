/** Bounds how deeply requests and answers may be nested: they are searched recursively. */
import type { Json } from '../resource/resource.ts'

const limit = 500

export function isTooDeep(value: Json | undefined, left = limit): boolean {
  if (typeof value !== 'object' || value === null) return false
  return left === 0 || Object.values(value).some((part: Json) => isTooDeep(part, left - 1))
}
