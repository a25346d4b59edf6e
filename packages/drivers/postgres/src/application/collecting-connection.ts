import type { CollectRequest, RemovalContext } from '@dustpan/core/driver'
import { DustpanError, clock as time, warnOfLate, warnOfLogState, warnOfUnattributed } from '@dustpan/core/driver'
import { isServerError } from '../pg.ts'
import { PostgresConnection } from '../removal/connection.ts'
import { isPassing } from '../removal/outcomes.ts'
import type { OwnClient } from '../removal/own-client.ts'
import type { ServerClock } from '../removal/server-clock.ts'
import { collectRows } from './collect-rows.ts'
import { inspect } from './inspect.ts'
import { logStateOf, tableStates, type Wanted } from './installation.ts'
import type { LineFilter } from './log-lines.ts'
import { announce, leave, readClock } from './presence.ts'
import type { RestoresTable } from './restored-tables.ts'
import { countLate, countUnattributed, othersAtWork, pruneSql } from './unattributed.ts'

type Who = { readonly run: string; readonly writer: string; readonly since: number }

/** How often the server is told that we are still there. */
const signOfLifeMs = 60_000

/** Also collects what the application wrote, from the log in the database. */
export class CollectingConnection extends PostgresConnection {
  readonly #client: OwnClient
  readonly #wanted: Wanted
  readonly #restores: RestoresTable
  #clock: Promise<ServerClock | undefined> | undefined
  #who: Who | undefined
  #toldAt = Number.NEGATIVE_INFINITY

  constructor(removing: ConstructorParameters<typeof PostgresConnection>, wanted: Wanted, restores?: RestoresTable) {
    super(...removing)
    this.#client = removing[1]
    this.#wanted = wanted
    this.#restores = restores
  }

  get store(): string {
    return this.#client.answering
  }

  async announce(who: Who, { signal }: Pick<RemovalContext, 'signal'>): Promise<void> {
    this.#who = who
    await understandably(async () => {
      const clock = await this.#readClock(signal)
      if (!clock || time.now() - this.#toldAt < signOfLifeMs) return
      await announce(this.#client, { ...who, since: who.since + clock.ahead - clock.uncertain }, signal)
      this.#toldAt = time.now()
    })
  }

  async collect(request: CollectRequest, ctx: RemovalContext): Promise<void> {
    const { run, writer } = request
    if (writer !== undefined) await this.announce(this.#who ?? { run, writer, since: time.now() }, ctx)
    await understandably(async () => {
      const clock = await this.#readClock(ctx.signal)
      const tables = { ignored: this.#wanted.ignored, restores: this.#restores }
      if (clock) await collectRows(this.#client, this.#filter(request, clock), request, tables, ctx)
      if (writer === undefined) await this.#conclude(request, clock, ctx)
    })
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    const who = this.#who
    if (who && this.#toldAt > 0)
      await leave(this.#client, who.run, who.writer, AbortSignal.timeout(signOfLifeMs)).catch(() => {})
    await super[Symbol.asyncDispose]()
  }

  /** The run is over: what is left in the log without a name, what nobody needs any more, and whether the log is as it should be. */
  async #conclude(request: CollectRequest, clock: ServerClock | undefined, ctx: RemovalContext): Promise<void> {
    const { signal } = ctx
    await this.#warnOfState(ctx)
    if (!clock) return
    const { alone } = request
    const during = alone && {
      from: alone.from + clock.ahead - clock.uncertain,
      to: alone.to + clock.ahead + clock.uncertain,
    }
    if (during) await this.#warnOfUnattributed(request, during, ctx)
    warnOfLate(ctx.warn, request.run, await countLate(this.#client, this.#filter(request, clock), signal))
    await leave(this.#client, request.run, null, signal)
    await this.#client.run(pruneSql, signal)
  }

  async #warnOfState({ signal, warn }: RemovalContext): Promise<void> {
    const found = await inspect(this.#client, signal)
    const tables = tableStates(found, this.#wanted)
    warnOfLogState(warn, this.store, logStateOf(found, tables), tables)
  }

  async #warnOfUnattributed(
    request: CollectRequest,
    during: { readonly from: number; readonly to: number },
    { signal, warn }: RemovalContext,
  ): Promise<void> {
    const counts = await countUnattributed(this.#client, during, request, signal)
    if (counts.length === 0) return
    const others = await othersAtWork(this.#client, request.run, during.from, signal)
    warnOfUnattributed(warn, counts, this.#wanted.unattributed, others)
  }

  #filter({ run, writer, scopes, alone, until }: CollectRequest, { ahead, uncertain }: ServerClock): LineFilter {
    const runs = this.#wanted.unattributed === 'claim' ? ['', run] : [run]
    const unnamed = alone && { from: alone.from + ahead + uncertain, to: alone.to + ahead + uncertain, runs }
    return { run, writer, scopes, unnamed, until: until && until + ahead + uncertain }
  }

  /** Asked for once a connection: whether there is a log, and how far the server's clock is ahead. */
  #readClock(signal: AbortSignal): Promise<ServerClock | undefined> {
    this.#clock ??= readClock(this.#client, signal)
    return this.#clock
  }
}

export async function understandably<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isServerError(error) || isPassing(error)) throw error
    throw new DustpanError(
      'DUSTPAN_LOG_MISSING',
      `The log of what the application writes cannot be read: ${error.message} (SQLSTATE ${error.code})`,
      {
        ...(/^(?:42501|42P01|42703)$/.test(error.code) && {
          hint: 'Run `dustpan db install` as the role of the url in the configuration.',
        }),
        cause: error,
      },
    )
  }
}
