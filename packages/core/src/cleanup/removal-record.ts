/** Records a removal: two lines in the ledger, and the state of each resource. */
import { clock } from '../clock/clock.ts'
import { allAlike, compactOutcomes, loggedOutcome, type Outcomes } from '../journal/removal-log.ts'
import type { Json, Resource } from '../resource/resource.ts'
import type { CleanupContext } from './context.ts'
import { checkStop } from './stopped.ts'

/** Writes `removal.begun` before and `removal.ended` after; these lines are also the audit trail. */
export async function removeLogged(
  resources: readonly Resource[],
  ctx: CleanupContext,
  remove: (batch: string) => Promise<Outcomes>,
): Promise<void> {
  checkStop(ctx.stop)
  ctx.checkLease?.()
  const batch = ctx.nextBatch()
  ctx.write({ e: 'removal.begun', batch, ids: resources.map(({ id }) => id) })
  const start = clock.monotonic()
  const outcomes = await remove(batch)
  const durationMs = Math.round((clock.monotonic() - start) * 1000) / 1000
  applyOutcomes(resources, outcomes, durationMs / resources.length)
  ctx.write({ e: 'removal.ended', batch, durationMs, ...compactOutcomes(outcomes) })
}

function applyOutcomes(resources: readonly Resource[], outcomes: Outcomes, durationMs: number): void {
  const alike = outcomes.size === resources.length ? allAlike(outcomes) : undefined
  for (const resource of resources) {
    const outcome = alike ?? outcomes.get(resource.id)
    if (!outcome) continue
    const logged = loggedOutcome(outcome)
    if (outcome.state === 'refused') resource.dependents = dependentsOf(outcome.detail)
    resource.state = logged.state
    resource.attempts++
    resource.durationMs += durationMs
    for (const name of outcomeFields) setOrDelete(resource, name, logged)
  }
}

const outcomeFields = ['result', 'why', 'error'] as const

function setOrDelete<K extends (typeof outcomeFields)[number]>(
  resource: Resource,
  name: K,
  logged: Pick<Resource, K>,
): void {
  if (logged[name] !== undefined) resource[name] = logged[name]
  else if (resource[name] !== undefined) delete resource[name]
}

/** A driver that refuses with `has-dependents` returns `{ dependents: [{ type, key }] }`. */
function dependentsOf(detail: Json): NonNullable<Resource['dependents']> {
  const { dependents } = (detail ?? {}) as { dependents?: NonNullable<Resource['dependents']> }
  return dependents ?? []
}
