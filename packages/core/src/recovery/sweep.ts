/** What becomes of everything at the end of a run, or of a process that died: decided by what each test left on record. */
import { clean } from '../cleanup/clean.ts'
import type { CleanupContext } from '../cleanup/context.ts'
import { isDueAnyway } from '../cleanup/expiry.ts'
import { neededBy } from '../cleanup/keep.ts'
import { decide, keptUntil } from '../cleanup/policy.ts'
import { takenOver } from '../cleanup/taken-over.ts'
import { isUnnamed, mayBeOfKept } from '../cleanup/unnamed.ts'
import { clock } from '../clock/clock.ts'
import type { PolicyOverride } from '../config/cleanup-options.ts'
import type { Settings } from '../config/settings.ts'
import type { FoldedRun, FoldedScope } from '../ledger/folded-run.ts'
import type { Resource, Verdict, WriterId } from '../resource/resource.ts'
import { markGone } from '../tracking/gone.ts'
import type { Tracking } from '../tracking/tracking.ts'
import { isBlocked } from './leftovers.ts'

/** What tests and files of these writers created. */
export const isOf =
  (writers: ReadonlySet<WriterId>) =>
  ({ set }: Resource): boolean =>
    (set.lifetime === 'test' || set.lifetime === 'file') && writers.has(set.set.slice(0, set.set.indexOf('-')))

export interface Among {
  /** Left out: everything of the run. */
  readonly isIts?: ((resource: Resource) => boolean) | undefined
  /** What other runs have that stays. */
  readonly elsewhere?: readonly Resource[]
}

/** Removes what is due of what the given ones are, and puts on record what stays. */
export async function sweep(
  folded: FoldedRun,
  tracking: Tracking,
  context: CleanupContext,
  verdict: Verdict,
  among: Among = {},
): Promise<void> {
  const { due, keep, needed, taken } = decisions(folded, tracking.settings, verdict, among, tracking.drivers)
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
  /** What the policy keeps. */
  readonly keep: readonly Resource[]
  /** Due, but for something kept that depends on it. */
  readonly needed: readonly Resource[]
  /** No more: something that stays has its key. */
  readonly taken: readonly Resource[]
}

/** What a sweep would do. What is settled is in none of them. */
export function decisions(
  folded: FoldedRun,
  settings: Settings,
  verdict: Verdict,
  { isIts, elsewhere = [] }: Among = {},
  drivers?: Tracking['drivers'],
): Decisions {
  const all = [...folded.resources.values()]
  const asked = isIts ? all.filter(isIts) : all
  const decided = Map.groupBy(asked, (resource) => decisionFor(resource, folded, settings, verdict))
  const keep = decided.get('keep') ?? []
  const remove = decided.get('remove') ?? []
  const leaving = new Set(remove.filter(({ state }) => state === 'kept'))
  const kept = all.filter((resource) => resource.state === 'kept' && !leaving.has(resource))
  const needed = neededBy([...kept, ...keep], remove)
  const going = remove.filter((resource) => !needed.has(resource))
  const taken = takenOver([...all, ...elsewhere], going, drivers)
  return { due: going.filter((resource) => !taken.has(resource)), keep, needed: [...needed], taken: [...taken] }
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

/** Undefined: it is settled. Failed removals are tried once more here, where nothing is mocked; refused ones only when what stood in the way may be gone. */
function decisionFor(
  resource: Resource,
  folded: FoldedRun,
  settings: Settings,
  verdict: Verdict,
): 'remove' | 'keep' | undefined {
  const { state, set } = resource
  const isToDo = state === 'live' || state === 'pending' || state === 'failed' || isBlocked(resource)
  if ((isToDo || state === 'kept') && isDueAnyway(resource, clock.now())) return 'remove'
  if (!isToDo || set.lifetime === 'persistent') return undefined
  const owner = ownerOf(resource, folded.scopes)
  return isUnnamed(resource)
    ? decide(settings, policyOf(owner), { verdict: owner?.verdict ?? verdict, willRetry: false }).decision
    : decisionOf(owner, settings, verdict)
}

const policyOf = (owner: FoldedScope | undefined): PolicyOverride => (owner?.policy ?? {}) as PolicyOverride

/** The scope at whose end a thing goes; undefined: the run itself. */
export function ownerOf({ set, scope }: Resource, scopes: FoldedRun['scopes']): FoldedScope | undefined {
  if (set.lifetime !== 'test' && set.lifetime !== 'file') return undefined
  let owner = scopes.get(scope)
  while (set.lifetime === 'file' && owner?.kind === 'test')
    owner = owner.in === undefined ? undefined : scopes.get(owner.in)
  return owner
}

/** A scope that was never closed is lost, or interrupted with the run. A process that is one scope ends as the run does. */
function decisionOf(owner: FoldedScope | undefined, settings: Settings, verdict: Verdict): 'remove' | 'keep' {
  if (owner?.decision !== undefined) return owner.decision === 'keep' ? 'keep' : 'remove'
  const cutOff = verdict === 'interrupted' ? 'interrupted' : 'lost'
  const asVerdict = owner?.kind === 'worker' ? verdict : owner === undefined || owner.kind === 'run' ? 'passed' : cutOff
  return decide(settings, policyOf(owner), { verdict: asVerdict, willRetry: false }).decision
}
