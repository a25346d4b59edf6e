/** The one thing that adapters call in a process that runs tests. */

import { openConnections } from '../cleanup/connections.ts'
import { configFunctions } from '../config/functions.ts'
import type { Settings } from '../config/settings.ts'
import type { ScopeIdentity } from '../ledger/events.ts'
import type { CleanupReport } from '../report/model.ts'
import type { Verdict } from '../resource/resource.ts'
import { runStart } from '../tracking/run-id.ts'
import { startTracking } from '../tracking/tracking.ts'
import { startCapture } from './capture.ts'
import { cleanupError } from './cleanup-error.ts'
import { workerContext } from './context.ts'
import { createDrivers } from './drivers.ts'
import { startInstance } from './instance.ts'
import { scopeOpener } from './open-scope.ts'

/** What the main process tells its workers: plain data. */
export interface RunTicket {
  readonly run: string
  readonly runner: string
  readonly build?: string
  readonly parentRun?: string
  /** The process that began the run. */
  readonly main?: { readonly pid: number; readonly pidStart: string }
  readonly settings: Settings
}

export interface RunnerSession extends AsyncDisposable {
  readonly run: string
  readonly settings: Settings
  /** Without module hooks: the client libraries that drivers want to see, by module name. */
  readonly clients: readonly string[]
  /** Without module hooks: hands a loaded client library to the driver that knows it. */
  deliver(exports: unknown): void
  openScope(parent: OpenScope | undefined, who: ScopeIdentity): OpenScope
  /** The process is about to end: closes every scope that is open, the innermost first. Never rejects. */
  interrupt(): Promise<void>
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
  /** Cleans up as the policy says. Never rejects. Undefined: nothing was tracked. A second call waits for the first, and gets its report. */
  close(verdict: Verdict, options: CloseOptions): Promise<CleanupReport | undefined>
}

export interface JoinRunOptions {
  /** @default 'worker' */
  readonly role?: 'worker' | 'main'
  /** Off where the runner loads modules itself (vm contexts): the adapter then delivers `clients`. @default true */
  readonly moduleHooks?: boolean
}

/** Joins a run that a main process has begun. @throws DustpanError when a driver cannot be made. */
export async function joinRun(
  ticket: RunTicket,
  { role = 'worker', moduleHooks = true }: JoinRunOptions = {},
): Promise<RunnerSession> {
  const { settings } = ticket
  const functions = configFunctions(settings.file)
  const drivers = await createDrivers(settings, functions, runStart(ticket.run))
  const tracking = startTracking({ ...ticket, role, functions, drivers })
  const { instance, published } = startInstance(tracking)
  const capture = startCapture(tracking, instance.sink, moduleHooks)
  const context = workerContext(tracking, openConnections(settings))
  const { open, closeAll } = scopeOpener(tracking, context)
  return {
    run: ticket.run,
    settings,
    clients: capture.clients,
    deliver: capture.deliver,
    release: async () => context.connections[Symbol.asyncDispose](),
    failIfAsked(report) {
      const error = report && settings.cleanup.onCleanupFailure === 'fail' ? cleanupError(report) : undefined
      if (error) throw error
    },
    openScope: open,
    interrupt: () => closeAll('interrupted'),
    async [Symbol.asyncDispose]() {
      published[Symbol.dispose]()
      capture[Symbol.dispose]()
      await context.connections[Symbol.asyncDispose]()
      tracking.journal.close()
    },
  }
}
