/** The end of a test or file: what is due is removed or kept, as the policy says. */
import type { CleanupContext } from '../cleanup/context.ts'
import { isExpired } from '../cleanup/expiry.ts'
import { neededBy } from '../cleanup/keep.ts'
import { decide } from '../cleanup/policy.ts'
import { isUnnamed, mayBeOfKept } from '../cleanup/unnamed.ts'
import { clock } from '../clock/clock.ts'
import type { CleanupReport } from '../report/model.ts'
import type { Resource, Verdict } from '../resource/resource.ts'
import { ancestors, type Scope, type ScopeEnding } from '../tracking/scope.ts'
import { endScope, type Tracking } from '../tracking/tracking.ts'
import type { ApplicationRows } from './application-rows.ts'
import type { CloseOptions } from './session.ts'

/** Undefined: nothing is due at its end. A scope that created nothing costs next to nothing here. */
export function closeScope(
  tracking: Tracking,
  context: CleanupContext,
  application: ApplicationRows,
  scope: Scope,
  verdict: Verdict,
  { willRetry, deadlineMs = tracking.settings.cleanup.timeoutMs }: CloseOptions,
): Promise<CleanupReport | undefined> {
  if (verdict === 'failed' && willRetry !== true)
    for (const around of ancestors(scope).slice(1)) around.childFailed = true
  const ending = endingOf(tracking, scope, verdict, willRetry === true)
  endScope(tracking, scope, ending)
  const deadline = clock.now() + deadlineMs
  const settleDue = () => settleScope(tracking, context, scope, ending, deadline)
  return application.collects ? application.collect(scope, deadline).then(settleDue) : settleDue()
}

function settleScope(
  tracking: Tracking,
  context: CleanupContext,
  scope: Scope,
  ending: ScopeEnding,
  deadline: number,
): Promise<CleanupReport | undefined> {
  if (!scope.written) return nothing
  keep(tracking, lateOfKept(scope), 'its test is kept')
  const due = dueAtEnd(scope, tracking.writer.writer)
  return due.length === 0 ? nothing : settle(tracking, context, scope, ending, due, deadline)
}

const nothing = Promise.resolve(undefined)

async function settle(
  tracking: Tracking,
  context: CleanupContext,
  scope: Scope,
  ending: ScopeEnding,
  due: readonly Resource[],
  deadline: number,
): Promise<CleanupReport> {
  keep(tracking, unnamedToKeep(tracking, scope, ending, due), mayBeOfKept)
  const kept = keptAtEnd(scope, ending, due)
  keep(tracking, [...kept], ending.decision === 'keep' ? ending.why : 'something kept depends on it')
  const leaving = due.filter((resource) => !kept.has(resource))
  const { clean, describeRemoval, scopeReport } = await import('./cleaning.ts')
  const found = await clean(leaving, context, deadline)
  forgetClosures(tracking, leaving)
  if (scope.identity.kind === 'file') tracking.known.dropFinished()
  return scopeReport(tracking, scope, [...due, ...found], describeRemoval(tracking.drivers))
}

/** They go only where the things of the tests in the scope go as well. */
function unnamedToKeep(
  { settings }: Tracking,
  { childFailed, policy }: Scope,
  { verdict }: ScopeEnding,
  due: readonly Resource[],
): readonly Resource[] {
  const unnamed = due.filter(isUnnamed)
  if (unnamed.length === 0) return []
  const { decision } = decide(settings, policy, { verdict: childFailed ? 'failed' : verdict, willRetry: false })
  return decision === 'keep' ? unnamed : []
}

/** Functions hold what they close over: under Jest a whole file. */
function forgetClosures({ closures }: Tracking, resources: readonly Resource[]): void {
  if (closures.size === 0) return
  const done = ({ state }: Resource) => state === 'removed' || state === 'already-gone' || state === 'gone'
  const needed = new Set(resources.filter((resource) => !done(resource)).map(({ set }) => set.set))
  for (const { set } of resources) if (!needed.has(set.set)) closures.delete(set.set)
}

function endingOf({ settings }: Tracking, scope: Scope, verdict: Verdict, willRetry: boolean): ScopeEnding {
  const { decision, why } = decide(settings, scope.policy, { verdict: ownVerdict(scope, verdict), willRetry })
  const until = decision === 'keep' ? { until: clock.now() + settings.cleanup.keepForMs } : {}
  return { verdict, decision, ...until, why }
}

/** A file fails when a test in it does; its own things then go all the same, but for what a kept test needs. */
function ownVerdict({ identity, childFailed }: Scope, verdict: Verdict): Verdict {
  return identity.kind !== 'test' && childFailed && verdict === 'failed' ? 'passed' : verdict
}

/** What goes at the end of this scope: its own, and what those in it left for it: late and open things, and tests their file's. */
function dueAtEnd({ identity, resources, children }: Scope, writer: string): readonly Resource[] {
  if (identity.kind === 'test') return resources.filter(({ set }) => set.lifetime === 'test')
  const bound = ({ set }: Resource) => set.store.bound === writer && set.lifetime !== 'persistent'
  const own = resources.filter((resource) => ['test', 'file'].includes(resource.set.lifetime) || bound(resource))
  const left = withTheirTests(children).flatMap((child) =>
    child.resources.filter((resource) => {
      const { lifetime } = resource.set
      if (lifetime === 'test' || (lifetime === 'file' && child.identity.kind === 'file'))
        return isOpen(resource) && child.ending?.decision === 'remove'
      return lifetime === 'file' || bound(resource)
    }),
  )
  return [...own, ...left]
}

/** Late things of tests whose things are kept. */
function lateOfKept({ identity, children }: Scope): readonly Resource[] {
  if (identity.kind === 'test') return []
  return withTheirTests(children).flatMap(({ resources, ending }) =>
    ending?.decision === 'keep' ? resources.filter((one) => one.set.lifetime === 'test' && isOpen(one)) : [],
  )
}

/** A test may have tests in it. */
const withTheirTests = (scopes: readonly Scope[]): readonly Scope[] =>
  scopes.flatMap((scope) => (scope.identity.kind === 'test' ? [scope, ...withTheirTests(scope.children)] : [scope]))

const isOpen = ({ state }: Resource): boolean => state === 'live' || state === 'pending'

function keptAtEnd(scope: Scope, { decision }: ScopeEnding, due: readonly Resource[]): ReadonlySet<Resource> {
  const now = clock.now()
  const own = decision === 'keep' ? due.filter((resource) => !isExpired(resource, now)) : []
  const before = due.filter(({ state }) => state === 'kept')
  return new Set([...before, ...own, ...neededBy([...before, ...own, ...keptWithin(scope)], due)])
}

const keptWithin = ({ children }: Scope): readonly Resource[] =>
  children.flatMap((child) => [...child.resources.filter(({ state }) => state === 'kept'), ...keptWithin(child)])

function keep(tracking: Tracking, resources: readonly Resource[], why: string): void {
  const open = resources.filter(isOpen)
  if (open.length === 0) return
  tracking.write({ e: 'kept', ids: open.map(({ id }) => id), why })
  for (const resource of open) Object.assign(resource, { state: 'kept', why })
}
