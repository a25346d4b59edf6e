/** Resources that servers rolled back because a process was killed. */

import { isCertainlyDead, isObservable } from '../processes/process-identity.ts'
import { isAnnounced, type Resource } from '../resource/resource.ts'
import type { FoldedRun } from './folded-run.ts'

/**
 * Resources of transactions that had not begun to commit, in processes that are dead. Nobody else ever saw them: a resource that has their
 * key now is another one.
 */
export function rolledBackAmong(
  resources: Iterable<Resource>,
  { openTransactions, writers }: Pick<FoldedRun, 'openTransactions' | 'writers'>,
): readonly Resource[] {
  const announced = openTransactions.values().filter(isAnnounced)
  const open = new Set(announced)
  if (open.size === 0) return []
  const dead = new Set(writers.filter((one) => isObservable(one) && isCertainlyDead(one)).map(({ writer }) => writer))
  const isOpen = ({ set: { tx, set } }: Resource) =>
    tx !== undefined && open.has(tx) && dead.has(set.slice(0, set.indexOf('-')))
  return [...resources].filter((one) => isOpen(one) && (one.state === 'live' || one.state === 'pending'))
}
