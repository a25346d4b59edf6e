import type { Json, Removal } from '@dustpan/core/driver'
import { parseRemoval } from './spec.ts'

/** The removal as reports print it. */
export function describeRemoval(step: Removal | undefined, key: Json): string {
  const meant = step && parseRemoval(step, key)
  if (!meant) return step ? `${step.op} ${JSON.stringify(key)}` : 'stays'
  const { op, name } = meant
  if (op === 'tombstone') return `tombstone for ${meant.key} in ${name}`
  return `delete ${op === 'delete-topic' ? 'topic' : 'group'} ${name}`
}
