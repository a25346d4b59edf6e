/** The one thing that adapters call in a process that runs tests. */

import { clean } from '../cleanup/clean.ts'
import { openConnections } from '../cleanup/connections.ts'
import type { CleanupContext } from '../cleanup/context.ts'
import { describeRemoval } from '../cleanup/describe.ts'
import { neededBy } from '../cleanup/keep.ts'
import { decide } from '../cleanup/policy.ts'
import { clock } from '../clock/clock.ts'
import { configFunctions } from '../config/functions.ts'
import type { Settings } from '../config/settings.ts'
import type { ScopeIdentity } from '../ledger/events.ts'
import type { CleanupReport } from '../report/model.ts'
import type { CaptureSink, Instrument } from '../resource/capture.ts'
import type { Resource, Verdict } from '../resource/resource.ts'
import type { Scope } from '../tracking/scope.ts'
import { startTracking, type Tracking } from '../tracking/tracking.ts'
import { startCapture } from './capture.ts'
import { cleanupError } from './cleanup-error.ts'
import { workerContext } from './context.ts'
import { createDrivers } from './drivers.ts'
import { startInstance } from './instance.ts'
import { scopeReport } from './scope-report.ts'

/** What the main process tells its workers: plain data. */
export interface RunTicket {
  readonly run: string
  readonly runner: string
  readonly build?: string
  readonly parentRun?: string
  readonly settings: Settings
}

export interface RunnerSession extends AsyncDisposable {
  readonly run: string
  readonly settings: Settings
  readonly sink: CaptureSink
  /** For clients that the module hooks cannot see (vm contexts). */
  readonly instruments: readonly Instrument[]
  openScope(parent: OpenScope | undefined, who: ScopeIdentity): OpenScope
  /** Closes connections; they are opened again when needed. */
  release(): Promise<void>
  /** @throws DustpanError `DUSTPAN_CLEANUP_FAILED` when something could not be removed, and `onCleanupFailure` is `fail`. */
  failIfAsked(report: CleanupReport | undefined): void
}

export interface CloseOptions {
  /** Whether the runner will try the test again. `unknown`: what is kept goes when the next attempt opens. */
  readonly willRetry: boolean | 'unknown'
  /** Time for cleaning up, in milliseconds. @default the setting `cleanup.timeout` */
  readonly deadlineMs?: number
}

export interface OpenScope {
  readonly id: string
  /** Runs with this scope as the async context's. */
  run<T>(fn: () => T): T
  /** For what async context cannot reach: until disposed, code without a context belongs to this scope. */
  enter(): Disposable
  /** What earlier attempts of the same test left is removed before this one begins. */
  ready(): Promise<void>
  /** Cleans up as the policy says. Never rejects. Undefined: nothing was tracked. */
  close(verdict: Verdict, options: CloseOptions): Promise<CleanupReport | undefined>
}

export interface JoinRunOptions {
  /** @default 'worker' */
  readonly role?: 'worker' | 'main'
  /** Off where the runner loads modules itself (vm contexts): the adapter then delivers clients to the `instruments`. @default true */
  readonly moduleHooks?: boolean
}

/** Joins a run that a main process has begun. @throws DustpanError when a driver cannot be made. */
export async function joinRun(
  ticket: RunTicket,
  { role = 'worker', moduleHooks = true }: JoinRunOptions = {},
): Promise<RunnerSession> {
  const { settings } = ticket
  const functions = configFunctions(settings.file)
  const drivers = await createDrivers(settings, functions)
  const tracking = startTracking({ ...ticket, role, functions, drivers })
  const { instance, published } = startInstance(tracking)
  const capture = startCapture(tracking, instance.sink, moduleHooks)
  const context = workerContext(tracking, openConnections(settings))
  const attempts = new Map<string, SessionScope>()
  return {
    run: ticket.run,
    settings,
    sink: instance.sink,
    instruments: [...drivers.values()].flatMap((driver) => driver.instruments ?? []),
    release: async () => context.connections[Symbol.asyncDispose](),
    failIfAsked(report) {
      const error = report && settings.cleanup.onCleanupFailure === 'fail' ? cleanupError(report) : undefined
      if (error) throw error
    },
    openScope: (parent, who) => openScope(tracking, context, attempts, parent as SessionScope | undefined, who),
    async [Symbol.asyncDispose]() {
      published[Symbol.dispose]()
      capture[Symbol.dispose]()
      await context.connections[Symbol.asyncDispose]()
      tracking.journal.close()
    },
  }
}

interface SessionScope extends OpenScope {
  readonly scope: Scope
  readonly children: SessionScope[]
  decision: 'remove' | 'keep' | undefined
  verdict: Verdict | undefined
  removeKept(): Promise<void>
}

function openScope(
  tracking: Tracking,
  context: CleanupContext,
  attempts: Map<string, SessionScope>,
  parent: SessionScope | undefined,
  who: ScopeIdentity,
): SessionScope {
  const scope = tracking.openScope(who, parent?.scope)
  const name = JSON.stringify([who.project, who.file, who.path, who.repeat])
  const previous = who.kind === 'test' ? attempts.get(name) : undefined
  const self: SessionScope = {
    id: scope.id,
    scope,
    children: [],
    decision: undefined,
    verdict: undefined,
    run: (fn) => tracking.context.run(scope, fn),
    enter: () => tracking.context.enter(scope),
    ready: async () => {
      if (previous && who.attempt > 0) await previous.removeKept()
    },
    close: (verdict, options) => closeScope(tracking, context, self, verdict, options),
    async removeKept() {
      const kept = scope.resources.filter(({ state }) => state === 'kept')
      if (kept.length > 0) await clean(kept, context, deadline(tracking))
    },
  }
  parent?.children.push(self)
  if (who.kind === 'test') attempts.set(name, self)
  return self
}

const deadline = ({ settings }: Tracking, ms = settings.cleanup.timeoutMs): number => clock.now() + ms

async function closeScope(
  tracking: Tracking,
  context: CleanupContext,
  self: SessionScope,
  verdict: Verdict,
  { willRetry, deadlineMs }: CloseOptions,
): Promise<CleanupReport | undefined> {
  const { scope } = self
  const { decision, why } = decide(tracking.settings, scope.policy, {
    verdict: verdictFor(self, verdict),
    willRetry: willRetry === true,
  })
  Object.assign(self, { decision, verdict })
  scope.closed = true
  const due = dueAtEnd(self, tracking.writer.writer)
  if (due.length === 0 && !scope.written) return undefined
  const until = decision === 'keep' ? { until: clock.now() + tracking.settings.cleanup.keepForMs } : {}
  if (scope.written) tracking.write({ e: 'scope.closed', scope: scope.id, verdict, decision, ...until, why })
  const kept = decision === 'keep' ? new Set(due) : neededBy(keptUnder(self), due)
  keep(
    tracking,
    [...kept].filter(({ state }) => state === 'live' || state === 'pending'),
    decision === 'keep' ? why : 'something kept depends on it',
  )
  const cleaned = await clean(
    due.filter((resource) => !kept.has(resource)),
    context,
    deadline(tracking, deadlineMs),
  )
  return scopeReport(
    tracking,
    self.scope,
    { verdict, decision, why },
    [...new Set([...due, ...cleaned])],
    describeRemoval(tracking.drivers),
  )
}

/** A file counts as failed when a test in it failed; its own things then go all the same, but for what a kept test needs. */
function verdictFor({ scope, children }: SessionScope, verdict: Verdict): Verdict {
  const byTests = scope.identity.kind !== 'test' && children.some((child) => child.verdict === 'failed')
  return byTests && verdict === 'failed' ? 'passed' : verdict
}

/** What goes at the end of this scope: its own, and what its tests left for it: their file's things, late and open ones. */
function dueAtEnd({ scope, children }: SessionScope, writer: string): readonly Resource[] {
  if (scope.identity.kind === 'test') return scope.resources.filter(({ set }) => set.lifetime === 'test')
  const bound = ({ set }: Resource) => set.store.bound === writer && set.lifetime !== 'persistent'
  const own = scope.resources.filter((resource) => ['test', 'file'].includes(resource.set.lifetime) || bound(resource))
  const inherited = children.flatMap((child) =>
    child.scope.resources.filter((resource) => {
      if (resource.set.lifetime === 'file' || (resource.set.lifetime !== 'test' && bound(resource))) return true
      const open = resource.state === 'live' || resource.state === 'pending'
      return resource.set.lifetime === 'test' && open && child.decision === 'remove'
    }),
  )
  return [...own, ...inherited]
}

const keptUnder = ({ children }: SessionScope): readonly Resource[] =>
  children.flatMap((child) => child.scope.resources.filter(({ state }) => state === 'kept'))

function keep(tracking: Tracking, resources: readonly Resource[], why: string): void {
  if (resources.length === 0) return
  tracking.write({ e: 'kept', ids: resources.map(({ id }) => id), why })
  for (const resource of resources) Object.assign(resource, { state: 'kept', why })
}
