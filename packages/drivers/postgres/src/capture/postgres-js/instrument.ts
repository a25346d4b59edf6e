/** Captures postgres.js: all its queries go through one method of a class that it does not export. */
import { asOne, type CaptureSink, type Instrument, messageOf } from '@dustpan/core/driver'
import { doubtUnread } from '../../changes/unread-deletes.ts'
import { noteUpdate } from '../../rewriting/rewritten-stamps.ts'
import { analyse } from '../../sql/analyse.ts'
import { parser } from '../../sql/parser.ts'
import type { Begin } from '../announce.ts'
import { type CaptureRules, ignoresBy } from '../capture-rules.ts'
import { partsMayConcern } from '../concerns.ts'
import { patch } from '../patch.ts'
import type { SessionCapture } from '../session-capture.ts'
import { callSite } from './call-site.ts'
import { JsClient } from './js-client.ts'
import {
  type Classes,
  classesOf,
  classesOfClient,
  type Handler,
  isPostgresJs,
  type JsOptions,
  type JsQuery,
  type Sql,
} from './library.ts'
import { mayNameColumns, spy, staticText } from './query-text.ts'
import { type SideQueries, TrackedJsQuery } from './tracked-query.ts'
import { follow, whenSent } from './unread-query.ts'

export function postgresJsInstrument(rules: CaptureRules): Instrument {
  return {
    module: 'postgres',
    accepts: isPostgresJs,
    install(exports, sink) {
      const classes = classesOf(exports)
      return classes ? captureQueries(classes, sink, rules) : asOne([])
    },
  }
}

/** Captures all clients of the same copy of the library. */
export function captureSql(sql: Sql, sink: CaptureSink, rules: CaptureRules): Disposable {
  return captureQueries(classesOfClient(sql), sink, rules)
}

function captureQueries(classes: Classes, sink: CaptureSink, rules: CaptureRules): Disposable {
  void parser.load()
  return patch(classes.Query.prototype, 'handle', rules, (original, all) => {
    const capture = new Capture(classes, sink, ignoresBy(all), original as JsQuery['handle'])
    return function handle(this: JsQuery): Promise<void> {
      return capture.handle(this)
    }
  })
}

class Capture {
  readonly #classes: Classes
  readonly #sink: CaptureSink
  readonly #ignores: SessionCapture['ignores']
  readonly #original: (this: JsQuery) => Promise<void>
  readonly #clientsByOptions = new WeakMap<JsOptions, JsClient>()
  /** Clients by canceller: each transaction of a client has its own handler, but the canceller of the client. */
  readonly #clients = new WeakMap<object, JsClient>()
  readonly #clientRequests = new WeakMap<Handler, Promise<JsClient | undefined>>()
  /** The last query that waits to be sent through a handler: later queries wait for it. */
  readonly #turns = new WeakMap<Handler, Promise<void>>()
  readonly #untracked = new WeakSet<JsQuery>()

  constructor(
    classes: Classes,
    sink: CaptureSink,
    ignores: SessionCapture['ignores'],
    original: (this: JsQuery) => Promise<void>,
  ) {
    this.#classes = classes
    this.#sink = sink
    this.#ignores = ignores
    this.#original = original
  }

  async handle(query: JsQuery): Promise<void> {
    if (query.executed || this.#untracked.has(query)) return this.#original.call(query)
    const isRelevant = this.#isRelevant(query)
    const turn = this.#turns.get(query.handler)
    if (!isRelevant && !turn) return this.#original.call(query)
    query.executed = true
    const begin = isRelevant && this.#sink.active ? this.#beginFor(query) : undefined
    const next = this.#sendAfter(turn, query, isRelevant, begin)
    this.#turns.set(query.handler, next)
    await next
    if (this.#turns.get(query.handler) === next) this.#turns.delete(query.handler)
  }

  #isRelevant(query: JsQuery): boolean {
    if (query.onlyDescribe) return false
    if (query.streaming) return this.#warnOfStream(query)
    if (query.strings.length === 0) return this.#warnOfFile(query)
    const text = staticText(query)
    noteUpdate(text, !query.args.some(mayNameColumns))
    return partsMayConcern(text)
  }

  #beginFor(query: JsQuery): Begin {
    const begin = this.#sink.beginHere(this.handle as never)
    const site = callSite(query)
    return site ? (draft) => begin({ ...draft, site }) : begin
  }

  async #sendAfter(
    turn: Promise<void> | undefined,
    query: JsQuery,
    isRelevant: boolean,
    begin: Begin | undefined,
  ): Promise<void> {
    await turn
    const { handler } = query
    let sent = () => {}
    if (isRelevant) {
      try {
        const prepared = this.#prepare(query, begin)
        // If no question has to be asked, it is sent when the library itself would have sent it.
        sent = prepared instanceof Promise ? await prepared : prepared
      } catch (error) {
        this.#followUntracked(query)
        if (begin) this.#warn('error', `What a statement creates is not tracked: ${messageOf(error)}`)
      }
    }
    // It was answered already, and the library would wait for an answer of the server.
    if (query.cancelled) return
    handler(query)
    sent()
  }

  #prepare(query: JsQuery, begin: Begin | undefined): (() => void) | Promise<() => void> {
    const client = parser.loaded ? this.#clients.get(query.canceller) : undefined
    return client ? this.#prepareIn(client, query, begin) : this.#prepareFirst(query, begin)
  }

  async #prepareFirst(query: JsQuery, begin: Begin | undefined): Promise<() => void> {
    await parser.load()
    const client = await this.#clientOf(query)
    return client ? this.#prepareIn(client, query, begin) : () => {}
  }

  #prepareIn(client: JsClient, query: JsQuery, begin: Begin | undefined): (() => void) | Promise<() => void> {
    const session = client.sessionOf(query.handler)
    const { obstacle } = session
    if (obstacle === undefined)
      return new TrackedJsQuery(this.#classes, client, query, begin, this.#sideQueries(query)).prepare()
    if (begin) doubtUnread(session, staticText(query))
    if (begin && /\binsert\b/i.test(staticText(query)))
      this.#warn(
        obstacle,
        `Rows inserted by postgres.js are not tracked where the option ${obstacle} changes what it reads: track() them`,
      )
    return () => {}
  }

  #sideQueries({ handler, canceller }: JsQuery): SideQueries {
    const { Query } = this.#classes
    return {
      ask: (sql, values) =>
        this.#answerOf(new Query([`SELECT (${sql})::text`], values, handler, canceller, { prepare: false })),
      markUntracked: (query) => {
        this.#untracked.add(query)
        return query
      },
    }
  }

  /** Finds the client of a query by its options, which the library passes to every builder in a query's text. */
  #clientOf({ handler, canceller }: JsQuery): Promise<JsClient | undefined> {
    const known = this.#clientRequests.get(handler)
    if (known) return known
    const request = this.#askForOptions(handler, canceller).then((options) => {
      this.#clientRequests.delete(handler)
      if (!options) return undefined
      const client = this.#clientsByOptions.get(options) ?? new JsClient(options, this.#sink, this.#ignores)
      this.#clientsByOptions.set(options, client)
      this.#clients.set(canceller, client)
      return client
    })
    this.#clientRequests.set(handler, request)
    return request
  }

  async #askForOptions(handler: Handler, canceller: object): Promise<JsOptions | undefined> {
    let found: JsOptions | undefined
    const part = spy(this.#classes, (_parameters, _types, options) => {
      found = options
      return ''
    })
    const strings = Object.assign(["SELECT '1'", ''], { raw: ["SELECT '1'", ''] })
    await this.#answerOf(new this.#classes.Query(strings, [part], handler, canceller))
    return found
  }

  async #answerOf(query: JsQuery): Promise<unknown> {
    this.#untracked.add(query)
    query.isRaw = true
    try {
      query.execute()
      const [row] = (await query) as readonly (readonly (Uint8Array | null)[])[]
      const text = row?.[0]
      return text ? JSON.parse(Buffer.from(text).toString()) : undefined
    } catch {
      return undefined
    }
  }

  #followUntracked(query: JsQuery): void {
    const isActive = this.#sink.active
    whenSent(query, (connection) => {
      const client = this.#clients.get(query.canceller)
      if (isActive) doubtUnread(client?.sessionOf(query.handler), staticText(query))
      if (client) follow(query, client.transactionOn(connection), analyse(staticText(query)))
    })
  }

  #warnOfStream(query: JsQuery): false {
    this.#followUntracked(query)
    if (this.#sink.active && /\bcopy\b[\s\S]*\bfrom\b/i.test(staticText(query)))
      this.#warn('copy', 'Rows that COPY writes are not tracked by postgres.js: track() them, or use INSERT')
    return false
  }

  /** The text of a file is read only when it is sent. */
  #warnOfFile(query: JsQuery): false {
    this.#followUntracked(query)
    if (this.#sink.active)
      this.#warn(
        'file',
        'Rows that the statements of a file insert are not tracked by postgres.js: track() them, or use unsafe()',
      )
    return false
  }

  #warn(subject: string, message: string): void {
    this.#sink.warn('DUSTPAN_SQL_UNATTRIBUTED', `postgres.js ${subject}`, message)
  }
}
