/** Removals that are functions of this process. */
import { clock } from '../clock/clock.ts'
import { DustpanError, messageOf } from '../errors/dustpan-error.ts'
import type { RemovalOutcome } from '../resource/driver.ts'
import type { Resource, ResourceId } from '../resource/resource.ts'
import type { CleanupContext } from './context.ts'
import { outOfTime } from './outcomes.ts'

export async function callClosures(
  resources: readonly Resource[],
  step: number,
  ctx: CleanupContext,
  deadline: number,
): Promise<ReadonlyMap<ResourceId, RemovalOutcome>> {
  const outcomes = new Map<ResourceId, RemovalOutcome>()
  for (const resource of resources) outcomes.set(resource.id, await callOne(resource, step, ctx, deadline))
  return outcomes
}

async function callOne(
  { set, key }: Resource,
  step: number,
  ctx: CleanupContext,
  deadline: number,
): Promise<RemovalOutcome> {
  const at = set.steps.slice(0, step).filter((one) => 'closure' in one).length
  const closure = ctx.closures.get(set.set)?.[at]
  if (!closure) return lost
  const left = deadline - clock.now()
  if (left <= 0) return outOfTime
  try {
    const done = await Promise.race([
      Promise.resolve(ctx.asOwn(() => closure({ id: key }))).then(() => true),
      clock.sleep(left).then(() => false),
    ])
    return done ? { state: 'removed', result: 'done' } : outOfTime
  } catch (cause) {
    const error = new DustpanError(
      'DUSTPAN_REMOVAL_FAILED',
      `The function given as removal failed: ${messageOf(cause)}`,
      { cause },
    )
    return { state: 'failed', error, retry: {} }
  }
}

const lost: RemovalOutcome = {
  state: 'failed',
  retry: false,
  error: new DustpanError('DUSTPAN_LOST_CLOSURE', 'The removal is a function, and the process that had it is over.', {
    hint: 'Give the removal as data, or name a cleaner of the configuration: another process can carry these out.',
  }),
}
