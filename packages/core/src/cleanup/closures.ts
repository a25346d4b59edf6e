/** Removals that are functions of this process. */
import { DustpanError, messageOf } from '../errors/dustpan-error.ts'
import type { Outcome, Outcomes } from '../ledger/removal-log.ts'
import type { Resource, ResourceId } from '../resource/resource.ts'
import type { CleanupContext } from './context.ts'
import { late, untilDeadline } from './deadline.ts'
import { guardStore } from './guard.ts'
import { allAs, lostClosure, outOfTime, unreachable } from './outcomes.ts'

/** One after the other. They are not tried again: nobody knows what a second call would do. */
export async function callClosures(
  resources: readonly Resource[],
  step: number,
  ctx: CleanupContext,
  deadline: number,
): Promise<Outcomes> {
  const { store } = (resources[0] as Resource).set
  try {
    guardStore(ctx.settings, store)
  } catch (error) {
    return allAs(resources, unreachable(error, store))
  }
  const outcomes = new Map<ResourceId, Outcome>()
  for (const resource of resources) outcomes.set(resource.id, await callOne(resource, step, ctx, deadline))
  return outcomes
}

async function callOne({ set, key }: Resource, step: number, ctx: CleanupContext, deadline: number): Promise<Outcome> {
  const at = set.steps.slice(0, step).filter((one) => 'closure' in one).length
  const closure = ctx.closures.get(set.set)?.[at]
  if (!closure) return lostClosure
  try {
    const done = await untilDeadline(deadline, async () => ctx.asOwn(() => closure({ id: key })))
    return done === late ? outOfTime : { state: 'removed', result: 'done' }
  } catch (cause) {
    const error = new DustpanError(
      'DUSTPAN_REMOVAL_FAILED',
      `The function given as removal failed: ${messageOf(cause)}`,
      { cause },
    )
    return { state: 'failed', error, retry: false }
  }
}
