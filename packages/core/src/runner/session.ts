/** The session: the adapters' API in a process that runs tests. */

import { openConnections } from '../cleanup/connections.ts'
import type { CleanupContext } from '../cleanup/context.ts'
import { configFunctions } from '../config/functions.ts'
import type { Settings } from '../config/settings.ts'
import type { Exchange, SentRequest } from '../http-answers/exchange.ts'
import type { ScopeIdentity } from '../journal/events.ts'
import { workerContext } from '../recovery/context.ts'
import type { CleanupReport } from '../report/model.ts'
import type { Verdict } from '../resource/resource.ts'
import { createDrivers } from '../stores/drivers.ts'
import type { Suspension } from '../tracking/context.ts'
import { runStart } from '../tracking/run-id.ts'
import type { RunTicket } from '../tracking/run-ticket.ts'
import type { CallSite } from '../tracking/source-line.ts'
import { startTracking, type Tracking } from '../tracking/tracking.ts'
import { type ApplicationRows, openApplicationRows } from './application-rows.ts'
import { type AtWork, atWork } from './at-work.ts'
import { type Capture, startCapture } from './capture.ts'
import { cleanupError } from './cleanup-error.ts'
import { startInstance } from './instance.ts'
import { registerInterrupted, releaseInterrupted, untilIdle, whenReleased } from './interrupted-tests.ts'
import { scopeOpener } from './open-scope.ts'
import { settled } from './settled.ts'

export interface RunnerSession extends AsyncDisposable {
  readonly run: string
  readonly settings: Settings
  /** Whether it was disposed: it no longer tracks anything. */
  readonly isOver: boolean
  /** Without module hooks: the names of the client libraries that drivers instrument. */
  readonly clients: readonly string[]
  /** Without module hooks: passes a loaded client library to the driver that instruments it. Disposing restores the library and releases it. */
  deliver(exports: unknown): Disposable
  openScope(parent: OpenScope | undefined, who: ScopeIdentity): OpenScope
  /** From here on, the current async context and its descendants are not captured, until they switch to a scope or are resumed. */
  suspend(): Suspension
  /** A browser request that the adapter observed, attributed to the caller's scope. Undefined if it cannot create anything. */
  seesRequest(request: SentRequest): Exchange | undefined
  /** Waits until responses, statements and transactions in flight have completed, for at most `timeoutMs`. */
  settled(timeoutMs: number): Promise<void>
  /**
   * The process is about to end: closes all open scopes, innermost first, after waiting up to a second for work in flight.
   * What tests create after that is still recorded until the process ends, even if the session
   * is disposed. Never rejects.
   */
  interrupt(): Promise<void>
  /** Closes connections; they are reopened when needed. */
  release(): Promise<void>
  /**
   * For runs that no main process ends: records how this process ended, updates report.json, and prints this process's
   * report. Does nothing if nothing was tracked. Never rejects.
   */
  endPart(verdict: Verdict, print: (text: string) => void): Promise<void>
  /** @throws DustpanError `DUSTPAN_CLEANUP_FAILED` when something could not be removed, and `onCleanupFailure` is `fail`. */
  failIfAsked(report: CleanupReport | undefined): void
}

export interface CloseOptions {
  /** Whether the runner will retry the test. `unknown`: kept data is removed when the next attempt opens. */
  readonly willRetry: boolean | 'unknown'
  /** Time limit for cleaning up, in milliseconds. @default the setting `cleanup.timeout` */
  readonly deadlineMs?: number
}

export interface OpenScope {
  readonly id: string
  /** Whether nothing was created in it or its descendants so far: closing it needs no waiting. */
  readonly isEmpty: boolean
  /** Runs `fn` in this scope's async context. */
  run<T>(fn: () => T): T
  /** For runners that give no function to wrap: from here on, the current async context and its descendants belong to this scope. */
  switchTo(): void
  /** Where async context does not reach: until disposed, code without a context belongs to this scope. */
  enter(): Disposable
  /** Removes what earlier attempts of the same test left, before this one begins. */
  ready(): Promise<void>
  /** Cleans up according to policy. Never rejects. Undefined if nothing was tracked. A second call waits for the first and returns its report. */
  close(verdict: Verdict, options: CloseOptions): Promise<CleanupReport | undefined>
}

export interface JoinRunOptions {
  /** @default 'worker' */
  readonly role?: 'worker' | 'main'
  /** Off if the runner loads modules itself (vm contexts): the adapter then delivers `clients`. @default true */
  readonly moduleHooks?: boolean
  /** The last known position in the user's code, for creations without a stack that leads back to it (from a browser). */
  readonly callSite?: () => CallSite | undefined
  /** For a run's only process, or one of several without a main process: called before its first record. */
  readonly onFirstRecord?: () => void
}

/** How long Ctrl-C waits for responses, statements and transactions in flight, in milliseconds. */
const interruptionMs = 1_000
/** The part of it that is spent after cleanup. */
const restMs = 250

/** Joins a run that a main process has begun. @throws DustpanError when a driver cannot be created. */
export async function joinRun(ticket: RunTicket, options: JoinRunOptions = {}): Promise<RunnerSession> {
  releaseInterrupted()
  const joined = await startWatching(ticket, options)
  const { settings, tracking, capture, context, application, present } = joined
  const { sent, settle } = underwayIn(joined)
  let isOver = false
  let isInterrupted = false
  let interruption: Promise<void> | undefined
  const { open, closeAll } = scopeOpener(tracking, context, application, () => {
    interruption ??= settle(interruptionMs - restMs)
    return interruption
  })
  const release = async () => {
    await Promise.all([present.over(), context.connections[Symbol.asyncDispose]()])
  }
  return {
    run: ticket.run,
    settings,
    get isOver() {
      return isOver
    },
    clients: capture.clients,
    deliver: capture.deliver,
    release,
    async endPart(verdict, print) {
      if (!tracking.journal.used) return
      const { endPart } = await import('./end-part.ts')
      await endPart(tracking, verdict, print)
    },
    failIfAsked(report) {
      const error = report && settings.cleanup.onCleanupFailure === 'fail' ? cleanupError(report) : undefined
      if (error) throw error
    },
    openScope(parent, who) {
      void present.again()
      return open(parent, who)
    },
    suspend: () => tracking.context.suspend(),
    seesRequest: (request) => capture.http?.seen(request),
    settled: settle,
    async interrupt() {
      if (!isInterrupted) registerInterrupted(sent)
      isInterrupted = true
      await closeAll('interrupted')
      await untilIdle(restMs)
    },
    async [Symbol.asyncDispose]() {
      isOver = true
      // Interrupted tests go on.
      if (!isInterrupted) joined.unwatch()
      await release()
      if (!isInterrupted) return tracking.journal.close()
      whenReleased(() => {
        joined.unwatch()
        tracking.journal.close()
      })
    },
  }
}

/** A process that has joined a run, and captures what its tests create. */
interface Joined {
  readonly settings: Settings
  readonly tracking: Tracking
  readonly capture: Capture
  readonly context: CleanupContext
  readonly application: ApplicationRows
  readonly present: AtWork
  unwatch(): void
}

async function startWatching(
  ticket: RunTicket,
  { role = 'worker', moduleHooks = true, ...hooks }: JoinRunOptions,
): Promise<Joined> {
  const { settings } = ticket
  const functions = configFunctions(settings.file)
  const drivers = await createDrivers(settings, functions, runStart(ticket.run)?.from)
  const tracking = startTracking({ ...ticket, role, functions, drivers, ...hooks })
  const { instance, published } = startInstance(tracking)
  const capture = startCapture(tracking, instance.sink, moduleHooks)
  const context = workerContext(tracking, openConnections(settings))
  const { writer, run } = tracking.writer
  const present = atWork({ settings, drivers, run, writer, asOwn: tracking.context.asOwn, warn: tracking.warn })
  tracking.atWork = present.in
  const application = await openApplicationRows(tracking, context)
  await application.ready()
  const unwatch = () => {
    published[Symbol.dispose]()
    capture[Symbol.dispose]()
  }
  return { settings, tracking, capture, context, application, present, unwatch }
}

interface Underway {
  /** The number of statements and requests that are not answered yet. */
  sent(): number
  settle(timeoutMs: number): Promise<void>
}

function underwayIn({ tracking, capture }: Joined): Underway {
  const sent = () => tracking.unanswered.size + (capture.http?.underway ?? 0)
  return {
    sent,
    async settle(timeoutMs) {
      await settled(timeoutMs, () => tracking.openTransactions.size + sent())
      // A statement whose connection broke is never answered: do not wait for it again.
      tracking.unanswered.clear()
    },
  }
}
