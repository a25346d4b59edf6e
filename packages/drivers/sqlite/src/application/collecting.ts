import {
  type CollectRequest,
  clock,
  DustpanError,
  isDustpanError,
  messageOf,
  type RemovalContext,
  warnOfLate,
  warnOfLogState,
  warnOfUnattributed,
} from '@dustpan/core/driver'
import type { OpenStore } from '../removal/connection.ts'
import { isBusy } from '../removal/outcomes.ts'
import { collectRows } from './collect-rows.ts'
import { inspect, isInstalled } from './inspect.ts'
import { logStateOf, tableStates, type Wanted } from './installation.ts'
import { hasLines, type LineFilter } from './log-lines.ts'
import { whenFree, writing } from './patience.ts'
import { announce, forgetContext, leave, uncertainMs, type Writer } from './presence.ts'
import type { RestoresTable } from './restored-tables.ts'
import { countLate, countUnattributed, othersAtWork, prune } from './unattributed.ts'

/** How often the file is told that we are still there. */
const signOfLifeMs = 60_000

type Waiting = Pick<RemovalContext, 'deadline' | 'signal'>

/** Who has told a file that they are at work there, and when. Outlives the clients that are opened for it. */
export interface Told {
  who?: Writer
  at?: number
}

/** Collects what the application wrote, from the log in its file. */
export class Collecting {
  readonly #open: OpenStore
  readonly #store: string
  readonly #wanted: Wanted
  readonly #restores: RestoresTable
  readonly #told: Told

  constructor(open: OpenStore, store: string, wanted: Wanted, restores: RestoresTable, told: Told) {
    this.#open = open
    this.#store = store
    this.#wanted = wanted
    this.#restores = restores
    this.#told = told
  }

  announce(who: Writer, ctx: Waiting): Promise<void> {
    return understandably(() => this.#announce(who, ctx))
  }

  collect(request: CollectRequest, ctx: RemovalContext): Promise<void> {
    return understandably(() => this.#collect(request, ctx))
  }

  async #announce(who: Writer, ctx: Waiting): Promise<void> {
    this.#told.who = who
    const now = clock.now()
    const { at = Number.NEGATIVE_INFINITY } = this.#told
    if (now - at < signOfLifeMs || !(await this.#isInstalled(ctx))) return
    await this.#write(ctx, () => announce(this.#open.client, who, now))
    this.#told.at = now
  }

  async #collect(request: CollectRequest, ctx: RemovalContext): Promise<void> {
    const { run, writer } = request
    if (writer !== undefined) await this.#announce(this.#told.who ?? { run, writer, since: clock.now() }, ctx)
    if (await this.#isInstalled(ctx)) await this.#take(request, ctx)
    if (writer === undefined) await this.#conclude(request, ctx)
  }

  async #take(request: CollectRequest, ctx: RemovalContext): Promise<void> {
    const filter = this.#filter(request)
    const { client } = this.#open
    if (!(await this.#read(ctx, () => hasLines(client, filter)))) return
    await this.#write(ctx, () => collectRows(client, this.#store, filter, request, this.#restores, ctx.warn))
  }

  /** The run is over: what is left in the log without a name, what nobody needs any more, and whether the log is as it should be. */
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
    const tables = tableStates(found, this.#wanted)
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
    warnOfUnattributed(warn, counts, this.#wanted.unattributed, othersAtWork(client, request.run, during.from))
  }

  /** The process ends its work there. Never rejects. */
  async leave(): Promise<void> {
    const { who } = this.#told
    if (!who) return
    const ctx = { deadline: clock.now() + 500, signal: AbortSignal.timeout(signOfLifeMs) }
    const told = this.#write(ctx, () => {
      if (isInstalled(this.#open.client)) leave(this.#open.client, who.run, who.writer, clock.now())
    })
    await told.catch(() => {})
  }

  #filter({ run, writer, scopes, alone, until }: CollectRequest): LineFilter {
    const runs = this.#wanted.unattributed === 'claim' ? ['', run] : [run]
    const unnamed = alone && { from: alone.from + uncertainMs, to: alone.to + uncertainMs, runs }
    return { run, writer, scopes, unnamed, until: until && until + uncertainMs }
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

async function understandably(work: () => Promise<void>): Promise<void> {
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
