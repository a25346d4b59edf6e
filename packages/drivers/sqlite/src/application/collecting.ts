import {
  type CollectRequest,
  clock,
  DustpanError,
  isDustpanError,
  messageOf,
  type RemovalContext,
} from '@dustpan/core/driver'
import { warnOfLate, warnOfLogState, warnOfUnattributed } from '@dustpan/core/rows'
import type { OpenStore } from '../removal/connection.ts'
import { isBusy } from '../removal/outcomes.ts'
import { collectRows } from './collect-rows.ts'
import { inspect, isInstalled } from './inspect.ts'
import { type LogOptions, logStateOf, tableStates } from './installation.ts'
import { hasLines, type LineFilter } from './log-lines.ts'
import { announce, forgetContext, leave, uncertainMs, type Writer } from './presence.ts'
import type { RestoresTable } from './restored-tables.ts'
import { countLate, countUnattributed, othersAtWork, prune } from './unattributed.ts'
import { whenFree, writing } from './when-free.ts'

/** Interval between heartbeats in the file. */
const heartbeatMs = 60_000

type Waiting = Pick<RemovalContext, 'deadline' | 'signal'>

/** The announced writer, and when it was announced last. Outlives the clients that are opened for the file. */
export interface Announcement {
  writer?: Writer
  at?: number
}

/** Collects the rows that the application wrote, from the log in the database file. */
export class Collecting {
  readonly #open: OpenStore
  readonly #store: string
  readonly #options: LogOptions
  readonly #restores: RestoresTable
  readonly #announcement: Announcement

  constructor(
    open: OpenStore,
    store: string,
    options: LogOptions,
    restores: RestoresTable,
    announcement: Announcement,
  ) {
    this.#open = open
    this.#store = store
    this.#options = options
    this.#restores = restores
    this.#announcement = announcement
  }

  announce(writer: Writer, ctx: Waiting): Promise<void> {
    return withClearError(() => this.#announce(writer, ctx))
  }

  collect(request: CollectRequest, ctx: RemovalContext): Promise<void> {
    return withClearError(() => this.#collect(request, ctx))
  }

  async #announce(writer: Writer, ctx: Waiting): Promise<void> {
    this.#announcement.writer = writer
    const now = clock.now()
    const { at = Number.NEGATIVE_INFINITY } = this.#announcement
    if (now - at < heartbeatMs || !(await this.#isInstalled(ctx))) return
    await this.#write(ctx, () => announce(this.#open.client, writer, now))
    this.#announcement.at = now
  }

  async #collect(request: CollectRequest, ctx: RemovalContext): Promise<void> {
    const { run, writer } = request
    if (writer !== undefined)
      await this.#announce(this.#announcement.writer ?? { run, writer, since: clock.now() }, ctx)
    if (await this.#isInstalled(ctx)) await this.#take(request, ctx)
    if (writer === undefined) await this.#conclude(request, ctx)
  }

  async #take(request: CollectRequest, ctx: RemovalContext): Promise<void> {
    const filter = this.#filter(request)
    const { client } = this.#open
    if (!(await this.#read(ctx, () => hasLines(client, filter)))) return
    await this.#write(ctx, () => collectRows(client, this.#store, filter, request, this.#restores, ctx.warn))
  }

  /** At the end of the run: reports unattributed and late rows, prunes the log, and checks its state. */
  async #conclude(request: CollectRequest, ctx: RemovalContext): Promise<void> {
    const { client } = this.#open
    await this.#read(ctx, () => this.#warnOfState(ctx))
    if (!(await this.#isInstalled(ctx))) return
    const { alone, run } = request
    await this.#write(ctx, () => {
      const during = alone && { from: alone.from - uncertainMs, to: alone.to + uncertainMs }
      if (during) this.#warnOfUnattributed(request, during, ctx)
      warnOfLate(ctx.warn, run, countLate(client, this.#filter(request)))
      leave(client, run, null, clock.now())
      forgetContext(client, run)
      prune(client)
    })
  }

  #warnOfState({ warn }: RemovalContext): void {
    const found = inspect(this.#open.client)
    const tables = tableStates(found, this.#options)
    warnOfLogState(warn, this.#store, logStateOf(found, tables), tables)
  }

  #warnOfUnattributed(
    request: CollectRequest,
    during: { readonly from: number; readonly to: number },
    { warn }: RemovalContext,
  ): void {
    const { client } = this.#open
    const counts = countUnattributed(client, this.#store, during, request)
    if (counts.length === 0) return
    warnOfUnattributed(warn, counts, this.#options.unattributed, othersAtWork(client, request.run, during.from))
  }

  /** Announces that this process has finished. Never rejects. */
  async leave(): Promise<void> {
    const { writer } = this.#announcement
    if (!writer) return
    const ctx = { deadline: clock.now() + 500, signal: AbortSignal.timeout(heartbeatMs) }
    const done = this.#write(ctx, () => {
      if (isInstalled(this.#open.client)) leave(this.#open.client, writer.run, writer.writer, clock.now())
    })
    await done.catch(() => {})
  }

  #filter({ run, writer, scopes, alone, until }: CollectRequest): LineFilter {
    const runs = this.#options.unattributed === 'claim' ? ['', run] : [run]
    const unattributed = alone && { from: alone.from + uncertainMs, to: alone.to + uncertainMs, runs }
    return { run, writer, scopes, unattributed, until: until && until + uncertainMs }
  }

  #isInstalled(ctx: Waiting): Promise<boolean> {
    return this.#read(ctx, () => isInstalled(this.#open.client))
  }

  #read<T>({ deadline, signal }: Waiting, run: () => T): Promise<T> {
    return whenFree(deadline, signal, run)
  }

  #write({ deadline, signal }: Waiting, run: () => void): Promise<void> {
    return writing(this.#open, deadline, signal, run)
  }
}

async function withClearError(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (isDustpanError(error) || isBusy(error)) throw error
    throw new DustpanError(
      'DUSTPAN_LOG_MISSING',
      `The log of what the application writes cannot be read: ${messageOf(error)}`,
      { hint: 'Run `dustpan db install`.', cause: error },
    )
  }
}
