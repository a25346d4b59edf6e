/** Verifies that resources reported as removed are gone, and waits for removals that were only accepted. */
import { clock } from '../clock/clock.ts'
import { DustpanError, isDustpanError } from '../errors/dustpan-error.ts'
import type { Outcome, Outcomes } from '../journal/removal-log.ts'
import type { RemovalContext, StoreConnection } from '../resource/connection.ts'
import type { Driver } from '../resource/driver.ts'
import type { RemovalOutcome, Target } from '../resource/target.ts'
import { driverFailed } from './outcomes.ts'

/** Never throws: with `read-back`, a resource that cannot be checked counts as not removed. */
export async function verified(
  connection: StoreConnection,
  driver: Driver,
  targets: readonly Target[],
  outcomes: Outcomes,
  ctx: RemovalContext,
): Promise<Outcomes> {
  const look = lookWith(connection, driver, ctx)
  if (!look) return outcomes
  const settled = await waitForAccepted(look, targets, outcomes, ctx.deadline)
  if (ctx.verify !== 'read-back' || driver.capabilities.verify === 'none') return settled
  return readBack(look, targets, settled)
}

/** Looks up targets; the answer for each, or the failure. */
type Look = (targets: readonly Target[]) => Promise<(target: Target) => Seen>
type Seen = 'present' | 'absent' | 'unknown' | RemovalOutcome

function lookWith(connection: StoreConnection, driver: Driver, ctx: RemovalContext): Look | undefined {
  if (!connection.probe) return undefined
  return async (targets) => {
    try {
      const seen = await connection.probe?.(targets, ctx)
      return ({ id }) => {
        const found = seen?.get(id) ?? 'unknown'
        return isDustpanError(found) ? { state: 'failed', error: found, retry: false } : found
      }
    } catch (cause) {
      const failed = driverFailed(cause, driver.name)
      return () => failed
    }
  }
}

/** An asynchronous removal may take longer than this; it is then checked again at the end of the run. */
const longestWaitMs = 10_000

/** Checks accepted removals again, at growing intervals. */
async function waitForAccepted(
  look: Look,
  targets: readonly Target[],
  outcomes: Outcomes,
  deadline: number,
): Promise<Outcomes> {
  if (!outcomes.values().some(isAccepted)) return outcomes
  let left = targets.filter(({ id }) => isAccepted(outcomes.get(id)))
  const result = new Map(outcomes)
  const end = Math.min(deadline, clock.now() + longestWaitMs)
  for (let delay = 50; left.length > 0 && clock.now() + delay < end; delay = Math.min(delay * 2, 2000)) {
    await clock.sleep(delay)
    const seen = await look(left)
    for (const target of left)
      if (seen(target) === 'absent') result.set(target.id, { state: 'removed', result: 'accepted, gone since' })
    left = left.filter(({ id }) => isAccepted(result.get(id)))
  }
  return result
}

function isAccepted(outcome: Outcome | undefined): boolean {
  return outcome?.state === 'pending' && outcome.why === 'accepted'
}

async function readBack(look: Look, targets: readonly Target[], outcomes: Outcomes): Promise<Outcomes> {
  const removed = targets.filter(({ id }) => outcomes.get(id)?.state === 'removed')
  if (removed.length === 0) return outcomes
  const seen = await look(removed)
  const result = new Map(outcomes)
  for (const target of removed) {
    const found = seen(target)
    if (found === 'present') result.set(target.id, stillThere(target))
    else if (typeof found === 'object') result.set(target.id, found)
  }
  return result
}

function stillThere({ type, key }: Target): RemovalOutcome {
  const error = new DustpanError(
    'DUSTPAN_STILL_THERE',
    `${type} ${JSON.stringify(key)} was still there after a removal that reported success.`,
    {
      hint: 'If the removal is asynchronous or only marks it as deleted, say so in the rule (verify).',
    },
  )
  return { state: 'failed', error, retry: {} }
}
