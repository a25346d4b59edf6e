/** Decides about all resources at the end of a run, or of a dead process, by the recorded results of their tests. */
import { clean } from '../cleanup/clean.ts'
import type { CleanupContext } from '../cleanup/context.ts'
import { clock } from '../clock/clock.ts'
import type { PolicyOverride } from '../config/cleanup-options.ts'
import type { Settings } from '../config/settings.ts'
import type { FoldedRun, FoldedScope } from '../ledger/folded-run.ts'
import { isDueAnyway } from '../planning/expiry.ts'
import { neededBy } from '../planning/keep.ts'
import { decide, keptUntil } from '../planning/policy.ts'
import { takenOver } from '../planning/taken-over.ts'
import { isUnnamed, mayBeOfKept } from '../planning/unnamed.ts'
import type { Resource, Verdict, WriterId } from '../resource/resource.ts'
import { markGone } from '../tracking/gone.ts'
import type { Tracking } from '../tracking/tracking.ts'
import { isBlocked } from './leftovers.ts'

/** Matches resources that tests and files in these writers created. */
export const isCreatedBy =
  (writers: ReadonlySet<WriterId>) =>
  ({ set }: Resource): boolean =>
    (set.lifetime === 'test' || set.lifetime === 'file') && writers.has(set.set.slice(0, set.set.indexOf('-')))

export interface SweepOptions {
  /** @default all resources of the run */
  readonly isSelected?: ((resource: Resource) => boolean) | undefined
  /** Resources of other runs that stay. */
  readonly keptByOthers?: readonly Resource[]
}

/** Removes the selected resources that are due, and records those that are kept. */
export async function sweep(
  folded: FoldedRun,
  tracking: Tracking,
  context: CleanupContext,
  verdict: Verdict,
  options: SweepOptions = {},
): Promise<void> {
  const { due, keep, needed, taken } = decisions(folded, tracking.settings, verdict, options, tracking.drivers)
  const open = keep.filter(({ state }) => state === 'live' || state === 'pending')
  write(tracking, folded, open.filter(isUnnamed), mayBeOfKept)
  write(
    tracking,
    folded,
    open.filter((resource) => !isUnnamed(resource)),
    'its test is kept',
  )
  write(tracking, folded, needed, 'something kept depends on it')
  markGone(tracking, taken, 'taken-over')
  await clean(due, context, clock.now() + tracking.settings.cleanup.timeoutMs)
}

export interface Decisions {
  readonly due: readonly Resource[]
  /** Kept by policy. */
  readonly keep: readonly Resource[]
  /** Due, but kept because a kept resource depends on it. */
  readonly needed: readonly Resource[]
  /** No longer exists: a resource that stays has its key. */
  readonly taken: readonly Resource[]
}

/** What a sweep would do. Settled resources are in none of the lists. */
export function decisions(
  folded: FoldedRun,
  settings: Settings,
  verdict: Verdict,
  { isSelected, keptByOthers = [] }: SweepOptions = {},
  drivers?: Tracking['drivers'],
): Decisions {
  const all = [...folded.resources.values()]
  const selected = isSelected ? all.filter(isSelected) : all
  const decided = Map.groupBy(selected, (resource) => decisionFor(resource, folded, settings, verdict))
  const keep = decided.get('keep') ?? []
  const remove = decided.get('remove') ?? []
  const leaving = new Set(remove.filter(({ state }) => state === 'kept'))
  const kept = all.filter((resource) => resource.state === 'kept' && !leaving.has(resource))
  const needed = neededBy([...kept, ...keep], remove)
  const removable = remove.filter((resource) => !needed.has(resource))
  const taken = takenOver([...all, ...keptByOthers], removable, drivers)
  return { due: removable.filter((resource) => !taken.has(resource)), keep, needed: [...needed], taken: [...taken] }
}

function write(tracking: Tracking, folded: FoldedRun, resources: readonly Resource[], why: string): void {
  const now = clock.now()
  const byEnd = Map.groupBy(resources, (resource) => {
    const owner = ownerOf(resource, folded.scopes)
    return keptUntil(tracking.settings, policyOf(owner), now, owner?.verdict).until
  })
  for (const [until, members] of byEnd)
    tracking.write({ e: 'kept', ids: members.map(({ id }) => id), why, ...(until === undefined ? {} : { until }) })
  for (const resource of resources) resource.state = 'kept'
}

/** Undefined if settled. Failed removals are retried here, where nothing is mocked; refused ones only if whatever blocked them may be gone. */
function decisionFor(
  resource: Resource,
  folded: FoldedRun,
  settings: Settings,
  verdict: Verdict,
): 'remove' | 'keep' | undefined {
  const { state, set } = resource
  const isUnsettled = state === 'live' || state === 'pending' || state === 'failed' || isBlocked(resource)
  if ((isUnsettled || state === 'kept') && isDueAnyway(resource, clock.now())) return 'remove'
  if (!isUnsettled || set.lifetime === 'persistent') return undefined
  const owner = ownerOf(resource, folded.scopes)
  return isUnnamed(resource)
    ? decide(settings, policyOf(owner), { verdict: owner?.verdict ?? verdict, willRetry: false }).decision
    : decisionOf(owner, settings, verdict)
}

const policyOf = (owner: FoldedScope | undefined): PolicyOverride => (owner?.policy ?? {}) as PolicyOverride

/** The scope at whose end a resource is removed; undefined: the run itself. */
export function ownerOf({ set, scope }: Resource, scopes: FoldedRun['scopes']): FoldedScope | undefined {
  if (set.lifetime !== 'test' && set.lifetime !== 'file') return undefined
  let owner = scopes.get(scope)
  while (set.lifetime === 'file' && owner?.kind === 'test')
    owner = owner.in === undefined ? undefined : scopes.get(owner.in)
  return owner
}

/** A scope that was never closed is lost, or interrupted with the run; but a worker's scope has the run's verdict. */
function decisionOf(owner: FoldedScope | undefined, settings: Settings, verdict: Verdict): 'remove' | 'keep' {
  if (owner?.decision !== undefined) return owner.decision === 'keep' ? 'keep' : 'remove'
  const cutOff = verdict === 'interrupted' ? 'interrupted' : 'lost'
  const asVerdict = owner?.kind === 'worker' ? verdict : owner === undefined || owner.kind === 'run' ? 'passed' : cutOff
  return decide(settings, policyOf(owner), { verdict: asVerdict, willRetry: false }).decision
}
