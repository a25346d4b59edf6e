/** Whether what was reported as removed is gone, and what was accepted has happened since. */
import { clock } from '../clock/clock.ts'
import { DustpanError } from '../errors/dustpan-error.ts'
import type { Driver, RemovalContext, RemovalOutcome, StoreConnection, Target } from '../resource/driver.ts'
import type { ResourceId } from '../resource/resource.ts'

type Outcomes = ReadonlyMap<ResourceId, RemovalOutcome>

export async function verified(
  connection: StoreConnection,
  driver: Driver,
  targets: readonly Target[],
  outcomes: Outcomes,
  ctx: RemovalContext,
): Promise<Outcomes> {
  const settled = await waitForAccepted(connection, targets, outcomes, ctx)
  if (ctx.verify !== 'read-back' || driver.capabilities.verify === 'none') return settled
  return readBack(connection, targets, settled, ctx)
}

/** Looks again at what the store said it would do, less and less often, until the deadline. */
async function waitForAccepted(
  connection: StoreConnection,
  targets: readonly Target[],
  outcomes: Outcomes,
  ctx: RemovalContext,
): Promise<Outcomes> {
  const result = new Map(outcomes)
  let left = targets.filter(({ id }) => isAccepted(outcomes.get(id)))
  for (
    let delay = 50;
    left.length > 0 && connection.probe && clock.now() + delay < ctx.deadline;
    delay = Math.min(delay * 2, 2000)
  ) {
    await clock.sleep(delay)
    const seen = await connection.probe(left, ctx)
    for (const { id } of left)
      if (seen.get(id) === 'absent') result.set(id, { state: 'removed', result: 'accepted, gone since' })
    left = left.filter(({ id }) => isAccepted(result.get(id)))
  }
  return result
}

const isAccepted = (outcome: RemovalOutcome | undefined): boolean =>
  outcome?.state === 'pending' && outcome.why === 'accepted'

async function readBack(
  connection: StoreConnection,
  targets: readonly Target[],
  outcomes: Outcomes,
  ctx: RemovalContext,
): Promise<Outcomes> {
  const removed = targets.filter(({ id }) => outcomes.get(id)?.state === 'removed')
  if (removed.length === 0 || !connection.probe) return outcomes
  const seen = await connection.probe(removed, ctx)
  const result = new Map(outcomes)
  for (const { id, type, key } of removed) if (seen.get(id) === 'present') result.set(id, stillThere(type, key))
  return result
}

function stillThere(type: string, key: unknown): RemovalOutcome {
  const error = new DustpanError(
    'DUSTPAN_STILL_THERE',
    `${type} ${JSON.stringify(key)} was still there after its removal was answered with success.`,
    {
      hint: 'If the removal is asynchronous or only marks it as deleted, say so in the rule (verify).',
    },
  )
  return { state: 'failed', error, retry: {} }
}
