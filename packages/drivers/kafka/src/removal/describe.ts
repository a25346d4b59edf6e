import type { Json, Removal } from '@dustpan/core/driver'
import { meantBy } from './spec.ts'

/** For reports. */
export function describeRemoval(step: Removal | undefined, key: Json): string {
  const meant = step && meantBy(step, key)
  if (!meant) return step ? `${step.op} ${JSON.stringify(key)}` : 'stays'
  const { op, name } = meant
  if (op === 'tombstone') return `tombstone for ${meant.key} in ${name}`
  return `delete ${op === 'delete-topic' ? 'topic' : 'group'} ${name}`
}
