/** Removal by functions of this process. */
import { clock } from '../clock/clock.ts'
import type { Code } from '../errors/codes.ts'
import { DustpanError, messageOf } from '../errors/dustpan-error.ts'
import type { Outcome, Outcomes } from '../journal/removal-log.ts'
import { guardRemoval } from '../planning/guard.ts'
import type { Resource, ResourceId } from '../resource/resource.ts'
import type { CleanupContext } from './context.ts'
import { late, untilDeadline } from './deadline.ts'
import { allAs, lostClosure, outOfTime, unreachable } from './outcomes.ts'

/** Calls them one by one. Never retried: the effect of a second call is unknown. */
export async function callClosures(
  resources: readonly Resource[],
  step: number,
  ctx: CleanupContext,
  deadline: number,
): Promise<Outcomes> {
  const { store } = (resources[0] as Resource).set
  try {
    guardRemoval(ctx.settings, store, undefined)
  } catch (error) {
    return allAs(resources, unreachable(error, store))
  }
  const outcomes = new Map<ResourceId, Outcome>()
  for (const resource of resources) outcomes.set(resource.id, await callOne(resource, step, ctx, deadline))
  return outcomes
}

async function callOne(
  { set, key, error: before }: Resource,
  step: number,
  ctx: CleanupContext,
  deadline: number,
): Promise<Outcome> {
  const at = set.steps.slice(0, step).filter((one) => 'closure' in one).length
  const closure = ctx.closures.get(set.set)?.[at]
  if (!closure) return before ? { state: 'lost', error: earlierError(before) } : lostClosure
  if (clock.now() >= deadline) return outOfTime
  try {
    const done = await untilDeadline(deadline, async () => ctx.asOwn(() => closure({ id: key })))
    return done === late ? stillRunning : { state: 'removed', result: 'done' }
  } catch (cause) {
    const error = new DustpanError('DUSTPAN_REMOVAL_FAILED', `The removal function failed: ${messageOf(cause)}`, {
      cause,
    })
    return { state: 'failed', error, retry: false }
  }
}

/** It is still running and may yet finish: a second call could remove twice. */
const stillRunning: Outcome = {
  state: 'failed',
  retry: false,
  error: new DustpanError(
    'DUSTPAN_BUDGET_EXCEEDED',
    'The removal function had not finished when cleanup ran out of time.',
    {
      hint: 'Make it faster, or raise cleanup.timeout.',
    },
  ),
}

/** The error of the process that could call it is more useful than the fact that it cannot be called here. */
const earlierError = ({ code, message, hint }: NonNullable<Resource['error']>): DustpanError =>
  new DustpanError(code as Code, message, hint === undefined ? {} : { hint })
