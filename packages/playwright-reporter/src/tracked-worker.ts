import { type OpenScope, processSession, type RunnerSession, type RunTicket } from '@dustpan/core/worker'
import type { TestInfo, WorkerInfo } from '@playwright/test'
import { attachReport } from './attach.ts'
import { type Clients, listenToClients } from './clients.ts'
import { testIdentity, workerIdentity } from './identity.ts'
import { type Place, type Places, sharedPlaces } from './places.ts'
import { newPointer, type Pointer } from './pointer.ts'
import type { KnownTests, WorkerFixture } from './pools.ts'
import { attemptVerdict } from './verdict.ts'

export interface Opened {
  close(): Promise<void>
}

/** A worker ends with a failed test, and with it what is under way: so that is waited for. */
const patienceMs = 2_000

/** Which scope what is created in this worker process belongs to. */
export class TrackedWorker {
  readonly #session: RunnerSession
  readonly #known: KnownTests
  readonly #clients: Clients
  readonly #pointer: Pointer = newPointer()
  readonly #scope: OpenScope
  readonly #places: Places
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
    this.#places = sharedPlaces(session, this.#scope, this.#pointer)
  }

  /** Runs a test's body, or one of its hooks: what it leaves running is the test's too. */
  inTest(call: () => unknown): unknown {
    return this.#test ? this.#test.run(() => alone(call)) : call()
  }

  /** What a worker's fixture creates lives as long as the worker, whichever test asked for the fixture first. */
  inWorkerFixture(fixture: WorkerFixture, [fixtures, use, info]: Parameters<WorkerFixture>): Promise<unknown> {
    const provide = async (value: unknown) => {
      this.#pointer.leave(this.#scope)
      await use(value)
      this.#pointer.enter(this.#scope)
    }
    this.#pointer.enter(this.#scope)
    return alone(Reflect.apply.bind(undefined, fixture, undefined, [fixtures, provide, info])).finally(() =>
      this.#pointer.leave(this.#scope),
    )
  }

  /** Around a hook of a file or describe group: what it creates is the file's. */
  openHook(info: TestInfo): Opened {
    const { endings } = this.#places.file(info)
    return {
      async close() {
        const { verdict } = attemptVerdict(info)
        if (verdict === 'failed') endings.push({ verdict, willRetry: false })
      },
    }
  }

  /** Around an attempt of a test, with its hooks and fixtures. */
  async openTest(info: TestInfo): Promise<Opened> {
    const file = this.#places.file(info)
    const group = this.#places.group(info, this.#known.get(info.testId)?.group)
    await this.#places.closeOver()
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

  async #closeTest(info: TestInfo, scope: OpenScope, file: Place, group: Place | undefined): Promise<void> {
    this.#pointer.leave(scope)
    this.#test = undefined
    await this.#clients.left()
    const ending = attemptVerdict(info, this.#known.get(info.testId)?.retries)
    const { verdict } = ending
    // An attempt that is tried again is no failure of its file.
    if (ending.willRetry === false) file.endings.push({ verdict, willRetry: false })
    group?.endings.push(ending)
    if (verdict === 'failed' || verdict === 'interrupted') await this.#session.settled(patienceMs)
    if (group) {
      // One that fails ends the worker, and with it the group.
      if (this.#known.get(info.testId)?.endsGroup && verdict !== 'failed' && verdict !== 'interrupted')
        await this.#places.closeGroup(info)
      return
    }
    const report = await scope.close(verdict, ending)
    if (report) await attachReport(info, report, verdict)
    this.#session.failIfAsked(report)
  }

  /** Fixtures of the worker are torn down by now. `failed`: the test because of which it ends. */
  async close(failed: TestInfo | undefined): Promise<void> {
    // Ctrl-C lets nobody wait for it but this.
    await this.#closing?.catch(() => {})
    await this.#session.settled(patienceMs)
    try {
      await this.#places.closeAll(failed)
    } finally {
      this.#pointer.leave(this.#scope)
      await this.#clients.entered()
      const report = await this.#scope.close('passed', { willRetry: false })
      await this.#session.release()
      this.#session.failIfAsked(report)
    }
  }
}

/** Calls with an empty stack, and awaits nothing: no line of ours stands in the stack traces of what fails in it. */
const alone = (call: () => unknown): Promise<unknown> => Promise.resolve().then(call)
