import { type OpenScope, processSession, type RunnerSession, type RunTicket } from '@dustpan/core/worker'
import type { TestInfo, WorkerInfo } from '@playwright/test'
import { attachReport } from './attach.ts'
import { type Clients, listenToClients } from './clients.ts'
import { testIdentity, workerIdentity } from './identity.ts'
import { newPointer, type Pointer } from './pointer.ts'
import type { KnownTests, WorkerFixture } from './pools.ts'
import { newSharedScopes, type SharedScope, type SharedScopes } from './shared-scopes.ts'
import { attemptVerdict } from './verdict.ts'

export interface Opened {
  close(): Promise<void>
}

/** A worker ends with a failed test, and cuts off its pending requests: it waits this long for them. */
const patienceMs = 2_000

/** Opens and closes the scopes of a worker process, and attributes what is created in it. */
export class TrackedWorker {
  readonly #session: RunnerSession
  readonly #known: KnownTests
  readonly #clients: Clients
  readonly #pointer: Pointer = newPointer()
  readonly #scope: OpenScope
  readonly #shared: SharedScopes
  #test: OpenScope | undefined
  #closing: Promise<void> | undefined

  static async open(ticket: RunTicket, info: WorkerInfo, known: KnownTests): Promise<TrackedWorker> {
    const clients = listenToClients()
    const session = await processSession(ticket, { callSite: clients.callSite })
    const worker = new TrackedWorker(session, info, known, clients)
    clients.watch(session, worker.#pointer)
    return worker
  }

  private constructor(session: RunnerSession, info: WorkerInfo, known: KnownTests, clients: Clients) {
    this.#session = session
    this.#known = known
    this.#clients = clients
    this.#scope = session.openScope(undefined, workerIdentity(info))
    this.#pointer.enter(this.#scope)
    this.#shared = newSharedScopes(session, this.#scope, this.#pointer)
  }

  /** Runs a test's body, or one of its hooks. What it leaves running belongs to the test too. */
  inTest(call: () => unknown): unknown {
    return this.#test ? this.#test.run(() => onEmptyStack(call)) : call()
  }

  /** What a worker-scoped fixture creates lives as long as the worker, whichever test requested the fixture first. */
  inWorkerFixture(fixture: WorkerFixture, [fixtures, use, info]: Parameters<WorkerFixture>): Promise<unknown> {
    const provide = async (value: unknown) => {
      this.#pointer.leave(this.#scope)
      await use(value)
      this.#pointer.enter(this.#scope)
    }
    this.#pointer.enter(this.#scope)
    return onEmptyStack(Reflect.apply.bind(undefined, fixture, undefined, [fixtures, provide, info])).finally(() =>
      this.#pointer.leave(this.#scope),
    )
  }

  /** Around a `beforeAll` or `afterAll` hook: what it creates belongs to the file. */
  openHook(info: TestInfo): Opened {
    const { endings } = this.#shared.file(info)
    return {
      async close() {
        const { verdict } = attemptVerdict(info)
        if (verdict === 'failed') endings.push({ verdict, willRetry: false })
      },
    }
  }

  /** Around an attempt of a test, with its hooks and fixtures. */
  async openTest(info: TestInfo): Promise<Opened> {
    const file = this.#shared.file(info)
    const group = this.#shared.group(info, this.#known.get(info.testId)?.group)
    await this.#shared.closeOver()
    const { root } = this.#session.settings
    const scope = group?.scope ?? this.#session.openScope(file.scope, testIdentity(root, info))
    this.#test = scope
    this.#pointer.enter(scope)
    await this.#clients.entered()
    return {
      close: () => {
        this.#closing = this.#closeTest(info, scope, file, group)
        return this.#closing
      },
    }
  }

  async #closeTest(info: TestInfo, scope: OpenScope, file: SharedScope, group: SharedScope | undefined): Promise<void> {
    this.#pointer.leave(scope)
    this.#test = undefined
    await this.#clients.left()
    const ending = attemptVerdict(info, this.#known.get(info.testId)?.retries)
    const { verdict } = ending
    // An attempt that is retried does not fail its file.
    if (ending.willRetry === false) file.endings.push({ verdict, willRetry: false })
    group?.endings.push(ending)
    if (verdict === 'failed' || verdict === 'interrupted') await this.#session.settled(patienceMs)
    if (group) {
      // A failed test ends the worker, and with it the group.
      if (this.#known.get(info.testId)?.endsGroup && verdict !== 'failed' && verdict !== 'interrupted')
        await this.#shared.closeGroup(info)
      return
    }
    const report = await scope.close(verdict, ending)
    if (report) await attachReport(info, report, verdict)
    this.#session.failIfAsked(report)
  }

  /** Called after the worker-scoped fixtures were torn down. @param failed the test that ended the worker */
  async close(failed: TestInfo | undefined): Promise<void> {
    // On Ctrl-C, Playwright does not wait for the test's own close.
    await this.#closing?.catch(() => {})
    await this.#session.settled(patienceMs)
    try {
      await this.#shared.closeAll(failed)
    } finally {
      this.#pointer.leave(this.#scope)
      await this.#clients.entered()
      const report = await this.#scope.close('passed', { willRetry: false })
      await this.#session.release()
      this.#session.failIfAsked(report)
    }
  }
}

/** Calls from an empty stack and awaits nothing, so that no frame of ours is in the stack traces of errors. */
const onEmptyStack = (call: () => unknown): Promise<unknown> => Promise.resolve().then(call)
