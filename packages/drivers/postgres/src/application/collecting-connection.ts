import type { CollectRequest, RemovalContext } from '@dustpan/core/driver'
import { DustpanError, clock as time } from '@dustpan/core/driver'
import { warnOfLate, warnOfLogState, warnOfUnattributed } from '@dustpan/core/rows'
import { isServerError } from '../pg.ts'
import { PostgresConnection } from '../removal/connection.ts'
import { isTransient } from '../removal/outcomes.ts'
import type { OwnClient } from '../removal/own-client.ts'
import type { ServerClock } from '../removal/server-clock.ts'
import { collectRows } from './collect-rows.ts'
import { inspect } from './inspect.ts'
import { type LogOptions, logStateOf, tableStates } from './installation.ts'
import type { LineFilter } from './log-lines.ts'
import { announce, leave, readClock } from './presence.ts'
import type { RestoresTable } from './restored-tables.ts'
import { countLate, countUnattributed, othersAtWork, pruneSql } from './unattributed.ts'

type ActiveWriter = { readonly run: string; readonly writer: string; readonly since: number }

/** How often the sign of life is renewed. */
const heartbeatMs = 60_000

/** A connection that also collects the rows that the application wrote, from the log in the database. */
export class CollectingConnection extends PostgresConnection {
  readonly #client: OwnClient
  readonly #logOptions: LogOptions
  readonly #restores: RestoresTable
  #clock: Promise<ServerClock | undefined> | undefined
  #activeWriter: ActiveWriter | undefined
  #announcedAt = Number.NEGATIVE_INFINITY

  constructor(
    args: ConstructorParameters<typeof PostgresConnection>,
    logOptions: LogOptions,
    restores?: RestoresTable,
  ) {
    super(...args)
    this.#client = args[1]
    this.#logOptions = logOptions
    this.#restores = restores
  }

  get store(): string {
    return this.#client.answering
  }

  async announce(who: ActiveWriter, { signal }: Pick<RemovalContext, 'signal'>): Promise<void> {
    this.#activeWriter = who
    await withClearError(async () => {
      const clock = await this.#readClock(signal)
      if (!clock || time.now() - this.#announcedAt < heartbeatMs) return
      await announce(this.#client, { ...who, since: who.since + clock.ahead - clock.uncertain }, signal)
      this.#announcedAt = time.now()
    })
  }

  async collect(request: CollectRequest, ctx: RemovalContext): Promise<void> {
    const { run, writer } = request
    if (writer !== undefined) await this.announce(this.#activeWriter ?? { run, writer, since: time.now() }, ctx)
    await withClearError(async () => {
      const clock = await this.#readClock(ctx.signal)
      const tables = { ignored: this.#logOptions.ignored, restores: this.#restores }
      if (clock) await collectRows(this.#client, this.#filter(request, clock), request, tables, ctx)
      if (writer === undefined) await this.#conclude(request, clock, ctx)
    })
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    const who = this.#activeWriter
    if (who && this.#announcedAt > 0)
      await leave(this.#client, who.run, who.writer, AbortSignal.timeout(heartbeatMs)).catch(() => {})
    await super[Symbol.asyncDispose]()
  }

  /**
   * At the end of a run: reports unnamed and late rows and the state of the log, and prunes lines that are no longer
   * needed.
   */
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
    const tables = tableStates(found, this.#logOptions)
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
    warnOfUnattributed(warn, counts, this.#logOptions.unattributed, others)
  }

  #filter({ run, writer, scopes, alone, until }: CollectRequest, { ahead, uncertain }: ServerClock): LineFilter {
    const runs = this.#logOptions.unattributed === 'claim' ? ['', run] : [run]
    const unnamed = alone && { from: alone.from + ahead + uncertain, to: alone.to + ahead + uncertain, runs }
    return { run, writer, scopes, unnamed, until: until && until + ahead + uncertain }
  }

  /** Queried once per connection: whether there is a log, and how far the server's clock is ahead. */
  #readClock(signal: AbortSignal): Promise<ServerClock | undefined> {
    this.#clock ??= readClock(this.#client, signal)
    return this.#clock
  }
}

/** Runs work on the log, and explains errors of the server. @throws DustpanError `DUSTPAN_LOG_MISSING` */
export async function withClearError<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isServerError(error) || isTransient(error)) throw error
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
