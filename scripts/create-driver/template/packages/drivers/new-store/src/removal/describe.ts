import type { Json, Removal } from '@dustpan/core/driver'
import { kindOf } from './spec.ts'

/** One line for reports. No secrets. */
export function describe(removal: Removal, key: Json): string {
  return `DELETE ${kindOf(removal)} ${JSON.stringify(key)}`
}
