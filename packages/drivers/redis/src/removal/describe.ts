import type { Json, Removal } from '@dustpan/core/driver'
import { readable } from '../keys.ts'
import { type KeyArgs, keyIn } from './spec.ts'

/** The removal as one line for reports. */
export function describe(removal: Removal, id: Json): string {
  const { key } = removal.args as KeyArgs
  return `UNLINK ${key === undefined ? readable(id) : readable(String(keyIn(removal, id)))}`
}
