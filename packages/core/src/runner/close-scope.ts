/** The end of a test or file: what is due is removed or kept, as the policy says. */
import type { CleanupContext } from '../cleanup/context.ts'
import { isExpired } from '../cleanup/expiry.ts'
import { neededBy } from '../cleanup/keep.ts'
import { decide, keptUntil } from '../cleanup/policy.ts'
import { takenOver } from '../cleanup/taken-over.ts'
import { isUnnamed, mayBeOfKept } from '../cleanup/unnamed.ts'
import { clock } from '../clock/clock.ts'
import type { CleanupReport } from '../report/model.ts'
import { isGone, type Resource, type Verdict } from '../resource/resource.ts'
import { markGone } from '../tracking/gone.ts'
import { ancestors, type Scope, type ScopeEnding } from '../tracking/scope.ts'
import { endScope, recordedSince, type Tracking } from '../tracking/tracking.ts'
import type { ApplicationRows } from './application-rows.ts'
import { defer, waitsForItsFile } from './deferred.ts'
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
  /** What an attempt left is gone before the next one begins. */
  readonly mayWait: boolean
}

function settleScope(closing: Closing): Promise<CleanupReport | undefined> {
  const { tracking, scope } = closing
  if (!scope.written) return nothing
  keep(tracking, scope, lateOfKept(scope), 'its test is kept')
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
  const toGo = due.filter((resource) => !kept.has(resource))
  const taken = takenOver(recordedWith(tracking, scope, toGo), toGo, tracking.drivers)
  markGone(tracking, [...taken], 'taken-over')
  const leaving = toGo.filter((resource) => !taken.has(resource))
  const { clean, describeRemoval, follow, scopeReport } = await import('./cleaning.ts')
  await follow(due, context, deadline)
  const waits = mayWait && waitsForItsFile(tracking.settings, scope, ending, leaving)
  const found = waits ? defer(leaving) : await clean(leaving, context, deadline)
  forgetClosures(tracking, toGo)
  if (scope.identity.kind === 'file') dropFinished(tracking)
  return scopeReport(tracking, scope, [...due, ...found], describeRemoval(tracking.drivers))
}

/**
 * In the scope, in what it holds, in those that it is in itself, and in tests that ran at the same time. The others may hold much from before,
 * which is not looked through; nor are those tests where nothing has a key of what goes.
 */
function recordedWith({ known: index }: Tracking, scope: Scope, going: readonly Resource[]): readonly Resource[] {
  const from = going.reduce((first, { order }) => Math.min(first, order), Number.POSITIVE_INFINITY)
  const since = ({ resources }: Scope) => resources.slice(resources.findLastIndex(({ order }) => order < from) + 1)
  const own = recordedIn(scope)
  const around = ancestors(scope).slice(1)
  const known = around.flatMap(since)
  const ownSince = own.reduce((count, { order }) => count + (order < from ? 0 : 1), 0)
  if (ownSince + known.length >= recordedSince(from) || going.every(isLatest(index))) return [...known, ...own]
  return [...known, ...own, ...around.flatMap((one) => beside(one, scope).flatMap(since))]
}

/** Of its key, in all that this process recorded. */
const isLatest =
  ({ find }: Tracking['known']) =>
  (one: Resource): boolean =>
    find(one.set.store.id, one.set.type, one.key, one.set.steps[0]) === one

/** The scopes in it that are not on the way to this one. */
function beside(around: Scope, scope: Scope): readonly Scope[] {
  const within = new Set(ancestors(scope))
  return around.children.filter((child) => !within.has(child)).flatMap((child) => [child, ...allWithin(child)])
}

const allWithin = ({ children }: Scope): readonly Scope[] => children.flatMap((child) => [child, ...allWithin(child)])

const recordedIn = ({ resources, children }: Scope): readonly Resource[] => [
  ...resources,
  ...children.flatMap(recordedIn),
]

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

function dropFinished({ known, byHand }: Tracking): void {
  known.dropFinished()
  byHand.dropFinished()
}

/** Functions hold what they close over: under Jest a whole file. */
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

function keep(tracking: Tracking, scope: Scope, resources: readonly Resource[], why: string): void {
  const open = resources.filter(isOpen)
  if (open.length === 0) return
  const until = keptUntil(tracking.settings, scope.policy, clock.now(), scope.ending?.verdict)
  tracking.write({ e: 'kept', ids: open.map(({ id }) => id), why, ...until })
  for (const resource of open) Object.assign(resource, { state: 'kept', why })
}
