/** Closes a test or file: removes or keeps what is due, according to policy. */
import type { CleanupContext } from '../cleanup/context.ts'
import { clock } from '../clock/clock.ts'
import { isExpired } from '../planning/expiry.ts'
import { neededBy } from '../planning/keep.ts'
import { decide, keptUntil } from '../planning/policy.ts'
import { takenOver } from '../planning/taken-over.ts'
import { isUnnamed, mayBeOfKept } from '../planning/unnamed.ts'
import type { CleanupReport } from '../report/model.ts'
import { isGone, type Resource, type Verdict } from '../resource/resource.ts'
import { markGone } from '../tracking/gone.ts'
import { ancestors, type Scope, type ScopeEnding } from '../tracking/scope.ts'
import { endScope, recordedSince, type Tracking } from '../tracking/tracking.ts'
import type { ApplicationRows } from './application-rows.ts'
import { defer, waitsForFile } from './deferred.ts'
import type { CloseOptions } from './session.ts'

/** Undefined if nothing is due. Closing a scope that created nothing is almost free. */
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
  const mayWait = willRetry === false
  const settleDue = () => settleScope({ tracking, context, scope, ending, deadline, mayWait })
  return application.collects ? application.collect(scope, deadline).then(settleDue) : settleDue()
}

interface Closing {
  readonly tracking: Tracking
  readonly context: CleanupContext
  readonly scope: Scope
  readonly ending: ScopeEnding
  readonly deadline: number
  /** False before a retry: an attempt's resources are removed before the next one begins. */
  readonly mayWait: boolean
}

function settleScope(closing: Closing): Promise<CleanupReport | undefined> {
  const { tracking, scope } = closing
  if (!scope.written) return nothing
  keep(tracking, scope, lateOfKeptTests(scope), 'its test is kept')
  const due = dueAtEnd(scope, tracking.writer.writer)
  return due.length === 0 ? nothing : settle(closing, due)
}

const nothing = Promise.resolve(undefined)

async function settle(
  { tracking, context, scope, ending, deadline, mayWait }: Closing,
  due: readonly Resource[],
): Promise<CleanupReport> {
  keep(tracking, scope, unnamedToKeep(tracking, scope, ending, due), mayBeOfKept)
  const kept = keptAtEnd(scope, ending, due)
  keep(tracking, scope, [...kept], ending.decision === 'keep' ? ending.why : 'something kept depends on it')
  const unkept = due.filter((resource) => !kept.has(resource))
  const taken = takenOver(recordedWith(tracking, scope, unkept), unkept, tracking.drivers)
  markGone(tracking, [...taken], 'taken-over')
  const toRemove = unkept.filter((resource) => !taken.has(resource))
  const { clean, describeRemoval, follow, scopeReport } = await import('./cleaning.ts')
  await follow(due, context, deadline)
  const waits = mayWait && waitsForFile(tracking.settings, scope, ending, toRemove)
  const found = waits ? defer(toRemove) : await clean(toRemove, context, deadline)
  forgetClosures(tracking, unkept)
  if (scope.identity.kind === 'file') dropFinished(tracking)
  return scopeReport(tracking, scope, [...due, ...found], describeRemoval(tracking.drivers))
}

/**
 * Resources recorded in the scope, its children and its ancestors since the first due one was, and in concurrent tests. Older records are not
 * searched; nor are concurrent tests if every due resource is still the latest with its key.
 */
function recordedWith({ known: index }: Tracking, scope: Scope, due: readonly Resource[]): readonly Resource[] {
  const from = due.reduce((first, { order }) => Math.min(first, order), Number.POSITIVE_INFINITY)
  const since = ({ resources }: Scope) => resources.slice(resources.findLastIndex(({ order }) => order < from) + 1)
  const own = recordedIn(scope)
  const around = ancestors(scope).slice(1)
  const known = around.flatMap(since)
  const ownSince = own.reduce((count, { order }) => count + (order < from ? 0 : 1), 0)
  if (ownSince + known.length >= recordedSince(from) || due.every(isLatest(index))) return [...known, ...own]
  return [...known, ...own, ...around.flatMap((one) => concurrentWith(one, scope).flatMap(since))]
}

/** Whether it is the latest record with its key in this process. */
const isLatest =
  ({ find }: Tracking['known']) =>
  (one: Resource): boolean =>
    find(one.set.store.id, one.set.type, one.key, one.set.steps[0]) === one

/** The scopes within `around` that are not ancestors of `scope`. */
function concurrentWith(around: Scope, scope: Scope): readonly Scope[] {
  const within = new Set(ancestors(scope))
  return around.children.filter((child) => !within.has(child)).flatMap((child) => [child, ...allWithin(child)])
}

const allWithin = ({ children }: Scope): readonly Scope[] => children.flatMap((child) => [child, ...allWithin(child)])

const recordedIn = ({ resources, children }: Scope): readonly Resource[] => [
  ...resources,
  ...children.flatMap(recordedIn),
]

/** Application rows that name no test are removed only if the tests in the scope are removed as well. */
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

function dropFinished({ known, byHand }: Tracking): void {
  known.dropFinished()
  byHand.dropFinished()
}

/** Functions keep their closures alive: under Jest, a whole file. */
function forgetClosures({ closures }: Tracking, resources: readonly Resource[]): void {
  if (closures.size === 0) return
  const needed = new Set(resources.filter(({ state }) => !isGone(state)).map(({ set }) => set.set))
  for (const { set } of resources) if (!needed.has(set.set)) closures.delete(set.set)
}

function endingOf({ settings }: Tracking, scope: Scope, verdict: Verdict, willRetry: boolean): ScopeEnding {
  const { decision, why } = decide(settings, scope.policy, { verdict: ownVerdict(scope, verdict), willRetry })
  const until = decision === 'keep' ? keptUntil(settings, scope.policy, clock.now(), verdict) : {}
  return { verdict, decision, ...until, why }
}

/** A file fails if a test in it does. Its own resources are then still removed, except those that a kept test needs. */
function ownVerdict({ identity, childFailed }: Scope, verdict: Verdict): Verdict {
  return identity.kind !== 'test' && childFailed && verdict === 'failed' ? 'passed' : verdict
}

/** Resources due at the end of this scope: its own, and those left by its children: late and pending ones, and file resources of tests. */
function dueAtEnd({ identity, resources, children }: Scope, writer: string): readonly Resource[] {
  if (identity.kind === 'test') return resources.filter(({ set }) => set.lifetime === 'test')
  const bound = ({ set }: Resource) => set.store.bound === writer && set.lifetime !== 'persistent'
  const own = resources.filter((resource) => ['test', 'file'].includes(resource.set.lifetime) || bound(resource))
  const left = withNestedTests(children).flatMap((child) =>
    child.resources.filter((resource) => {
      const { lifetime } = resource.set
      if (lifetime === 'test' || (lifetime === 'file' && child.identity.kind === 'file'))
        return isOpen(resource) && child.ending?.decision === 'remove'
      return lifetime === 'file' || bound(resource)
    }),
  )
  return [...own, ...left]
}

/** Late resources of tests that are kept. */
function lateOfKeptTests({ identity, children }: Scope): readonly Resource[] {
  if (identity.kind === 'test') return []
  return withNestedTests(children).flatMap(({ resources, ending }) =>
    ending?.decision === 'keep' ? resources.filter((one) => one.set.lifetime === 'test' && isOpen(one)) : [],
  )
}

/** Tests may be nested. */
const withNestedTests = (scopes: readonly Scope[]): readonly Scope[] =>
  scopes.flatMap((scope) => (scope.identity.kind === 'test' ? [scope, ...withNestedTests(scope.children)] : [scope]))

const isOpen = ({ state }: Resource): boolean => state === 'live' || state === 'pending'

function keptAtEnd(scope: Scope, { decision }: ScopeEnding, due: readonly Resource[]): ReadonlySet<Resource> {
  const now = clock.now()
  const own = decision === 'keep' ? due.filter((resource) => !isExpired(resource, now)) : []
  const before = due.filter(({ state }) => state === 'kept')
  return new Set([...before, ...own, ...neededBy([...before, ...own, ...keptWithin(scope)], due)])
}

const keptWithin = ({ children }: Scope): readonly Resource[] =>
  children.flatMap((child) => [...child.resources.filter(({ state }) => state === 'kept'), ...keptWithin(child)])

function keep(tracking: Tracking, scope: Scope, resources: readonly Resource[], why: string): void {
  const open = resources.filter(isOpen)
  if (open.length === 0) return
  const until = keptUntil(tracking.settings, scope.policy, clock.now(), scope.ending?.verdict)
  tracking.write({ e: 'kept', ids: open.map(({ id }) => id), why, ...until })
  for (const resource of open) Object.assign(resource, { state: 'kept', why })
}
