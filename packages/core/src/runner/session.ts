/** The one thing that adapters call in a process that runs tests. */

import { openConnections } from '../cleanup/connections.ts'
import type { CleanupContext } from '../cleanup/context.ts'
import { configFunctions } from '../config/functions.ts'
import type { Settings } from '../config/settings.ts'
import type { Exchange, SentRequest } from '../http-capture/exchange.ts'
import type { ScopeIdentity } from '../ledger/events.ts'
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
import { goesOn, letGoOfInterrupted, momentOfRest, untilLetGo } from './going-on.ts'
import { startInstance } from './instance.ts'
import { scopeOpener } from './open-scope.ts'
import { settled } from './settled.ts'

export interface RunnerSession extends AsyncDisposable {
  readonly run: string
  readonly settings: Settings
  /** It was disposed: nothing is tracked by it any more. */
  readonly isOver: boolean
  /** Without module hooks: the client libraries that drivers want to see, by module name. */
  readonly clients: readonly string[]
  /** Without module hooks: hands a loaded client library to the driver that knows it. Disposed, the library is left as it was, and not held. */
  deliver(exports: unknown): Disposable
  openScope(parent: OpenScope | undefined, who: ScopeIdentity): OpenScope
  /** From here on the running async context, and what it leads to, is not captured, until it switches to a scope or is resumed. */
  suspend(): Suspension
  /** A request that a browser sends, as the adapter sees it, of the caller's scope. Undefined: nothing that could create something. */
  seesRequest(request: SentRequest): Exchange | undefined
  /** Waits until answers, statements and transactions that are under way have come to their end, for at most so long. */
  settled(timeoutMs: number): Promise<void>
  /**
   * The process is about to end: closes every scope that is open, the innermost first, once what is under way has come to its end, for
   * which it waits a second at most. What tests create from then on is recorded all the same, until the process ends, also when the session
   * is disposed. Never rejects.
   */
  interrupt(): Promise<void>
  /** Closes connections; they are opened again when needed. */
  release(): Promise<void>
  /**
   * Where no main process ends the run: puts on record how this process ended, brings report.json up to date, and prints what
   * became of this process's data. Nothing when nothing was tracked. Never rejects.
   */
  endPart(verdict: Verdict, print: (text: string) => void): Promise<void>
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
  /** Nothing was created in it so far, nor in what it holds: whoever closes it need not wait. */
  readonly isEmpty: boolean
  /** Runs with this scope as the async context's. */
  run<T>(fn: () => T): T
  /** Where the runner leaves no function to run: from here on the running async context, and what it leads to, is this scope's. */
  switchTo(): void
  /** For what async context cannot reach: until disposed, code without a context belongs to this scope. */
  enter(): Disposable
  /** What earlier attempts of the same test left is removed before this one begins. */
  ready(): Promise<void>
  /** Cleans up as the policy says. Never rejects. Undefined: nothing was tracked. A second call waits for the first, and gets its report. */
  close(verdict: Verdict, options: CloseOptions): Promise<CleanupReport | undefined>
}

export interface JoinRunOptions {
  /** @default 'worker' */
  readonly role?: 'worker' | 'main'
  /** Off where the runner loads modules itself (vm contexts): the adapter then delivers `clients`. @default true */
  readonly moduleHooks?: boolean
  /** For what is created where no stack leads back to the user's code (a browser): where that was last. */
  readonly callSite?: () => CallSite | undefined
  /** For a process that is a run's only one, or one of several that no main process begins: called before its first record. */
  readonly onFirstRecord?: () => void
}

/** How long Ctrl-C waits for answers, statements and transactions that are under way. */
const interruptionMs = 1_000
/** Of that, after what was created is removed. */
const restMs = 250

/** Joins a run that a main process has begun. @throws DustpanError when a driver cannot be made. */
export async function joinRun(ticket: RunTicket, options: JoinRunOptions = {}): Promise<RunnerSession> {
  letGoOfInterrupted()
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
      if (!isInterrupted) goesOn(sent)
      isInterrupted = true
      await closeAll('interrupted')
      await momentOfRest(restMs)
    },
    async [Symbol.asyncDispose]() {
      isOver = true
      // Tests that were interrupted go on.
      if (!isInterrupted) joined.unwatch()
      await release()
      if (!isInterrupted) return tracking.journal.close()
      untilLetGo(() => {
        joined.unwatch()
        tracking.journal.close()
      })
    },
  }
}

/** A process that has joined a run, and watches what its tests create. */
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
  /** How many statements and requests are not answered yet. */
  sent(): number
  settle(timeoutMs: number): Promise<void>
}

function underwayIn({ tracking, capture }: Joined): Underway {
  const sent = () => tracking.unanswered.size + (capture.http?.underway ?? 0)
  return {
    sent,
    async settle(timeoutMs) {
      await settled(timeoutMs, () => tracking.openTransactions.size + sent())
      // A statement whose connection broke is never answered: nobody waits for it twice.
      tracking.unanswered.clear()
    },
  }
}
