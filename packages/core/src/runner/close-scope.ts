/** The end of a test or file: what is due is removed or kept, as the policy says. */
import { clean } from '../cleanup/clean.ts'
import type { CleanupContext } from '../cleanup/context.ts'
import { describeRemoval } from '../cleanup/describe.ts'
import { isExpired } from '../cleanup/expiry.ts'
import { neededBy } from '../cleanup/keep.ts'
import { decide } from '../cleanup/policy.ts'
import { clock } from '../clock/clock.ts'
import type { CleanupReport } from '../report/model.ts'
import type { Resource, Verdict } from '../resource/resource.ts'
import type { Scope, ScopeEnding } from '../tracking/scope.ts'
import { endScope, type Tracking } from '../tracking/tracking.ts'
import { scopeReport } from './scope-report.ts'
import type { CloseOptions } from './session.ts'

/** Undefined: nothing is due at its end. A scope that created nothing costs next to nothing here. */
export async function closeScope(
  tracking: Tracking,
  context: CleanupContext,
  scope: Scope,
  verdict: Verdict,
  { willRetry, deadlineMs = tracking.settings.cleanup.timeoutMs }: CloseOptions,
): Promise<CleanupReport | undefined> {
  if (verdict === 'failed' && willRetry !== true && scope.parent) scope.parent.childFailed = true
  const ending = endingOf(tracking, scope, verdict, willRetry === true)
  endScope(tracking, scope, ending)
  const due = dueAtEnd(scope, tracking.writer.writer)
  if (due.length === 0) return undefined
  const kept = keptAtEnd(scope, ending, due)
  keep(tracking, [...kept], ending.decision === 'keep' ? ending.why : 'something kept depends on it')
  const leaving = due.filter((resource) => !kept.has(resource))
  const cleaned = await clean(leaving, context, clock.now() + deadlineMs)
  if (scope.identity.kind === 'file') tracking.known.dropFinished()
  return scopeReport(tracking, scope, [...new Set([...due, ...cleaned])], describeRemoval(tracking.drivers))
}

function endingOf({ settings }: Tracking, scope: Scope, verdict: Verdict, willRetry: boolean): ScopeEnding {
  const { decision, why } = decide(settings, scope.policy, { verdict: ownVerdict(scope, verdict), willRetry })
  const until = decision === 'keep' ? { until: clock.now() + settings.cleanup.keepForMs } : {}
  return { verdict, decision, ...until, why }
}

/** A file fails when a test in it does; its own things then go all the same, but for what a kept test needs. */
function ownVerdict({ childFailed }: Scope, verdict: Verdict): Verdict {
  return childFailed && verdict === 'failed' ? 'passed' : verdict
}

/** What goes at the end of this scope: its own, and what its tests left for it: their file's things, late and open ones. */
function dueAtEnd({ identity, resources, children }: Scope, writer: string): readonly Resource[] {
  if (identity.kind === 'test') return resources.filter(({ set }) => set.lifetime === 'test')
  const bound = ({ set }: Resource) => set.store.bound === writer && set.lifetime !== 'persistent'
  const own = resources.filter((resource) => ['test', 'file'].includes(resource.set.lifetime) || bound(resource))
  const left = children.flatMap((child) =>
    child.resources.filter((resource) => {
      if (resource.set.lifetime === 'test') return isOpen(resource) && child.ending?.decision === 'remove'
      return resource.set.lifetime === 'file' || bound(resource)
    }),
  )
  return [...own, ...left]
}

const isOpen = ({ state }: Resource): boolean => state === 'live' || state === 'pending'

function keptAtEnd({ children }: Scope, { decision }: ScopeEnding, due: readonly Resource[]): ReadonlySet<Resource> {
  const now = clock.now()
  const own = decision === 'keep' ? due.filter((resource) => !isExpired(resource, now)) : []
  const ofTests = children.flatMap(({ resources }) => resources.filter(({ state }) => state === 'kept'))
  return new Set([...own, ...neededBy([...own, ...ofTests], due)])
}

function keep(tracking: Tracking, resources: readonly Resource[], why: string): void {
  const open = resources.filter(isOpen)
  if (open.length === 0) return
  tracking.write({ e: 'kept', ids: open.map(({ id }) => id), why })
  for (const resource of open) Object.assign(resource, { state: 'kept', why })
}
