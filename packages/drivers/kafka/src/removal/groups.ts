/** Deletes consumer groups, with the offsets that they have committed. */
import { isDustpanError, type RemovalContext, type RemovalOutcome } from '@dustpan/core/driver'
import type { Cluster } from '../wire/cluster.ts'
import { deleteGroup } from '../wire/groups.ts'
import { brokerError } from './outcomes.ts'
import type { Outcomes, RemovalTarget } from './remove.ts'

export async function removeGroups(
  cluster: Cluster,
  wanted: readonly RemovalTarget[],
  outcomes: Outcomes,
  { signal }: RemovalContext,
): Promise<void> {
  for (const { target, meant } of wanted) {
    try {
      outcomes.set(
        target.id,
        outcomeOf(meant.name, await cluster.sendToCoordinator(meant.name, deleteGroup(meant.name), signal)),
      )
    } catch (error) {
      if (!isDustpanError(error)) throw error
      outcomes.set(target.id, { state: 'failed', error, retry: {} })
    }
  }
}

function outcomeOf(group: string, error: number): RemovalOutcome {
  if (error === 0) return { state: 'removed', result: 'deleted' }
  if (error === 69) return { state: 'already-gone' }
  // A consumer that stopped without leaving the group stays a member until its session times out.
  if (error === 68) return { state: 'pending', why: 'in-flight', afterMs: 1000 }
  return brokerError(`Group ${group}`, error)
}
