/** What a client sends and makes, on its way to the record: the same for every library. */
import type { CaptureSink, CaptureTransaction, PendingCreate } from '@dustpan/core/driver'
import type { Settings } from '../options.ts'
import type { ClientLink } from './client-link.ts'
import { messageSet, type SentMessage, topicSet } from './created-sets.ts'
import { messageHeaders } from './headers.ts'
import { KnownTopics, topicsDeleted } from './known-topics.ts'

const kind = '@dustpan/kafka'

export type Headers = ReturnType<typeof messageHeaders>
type Entry = (...args: never[]) => unknown

/** One call of `send`. */
export interface Sending<Result> {
  readonly topics: readonly string[]
  /** Whether the brokers are asked to make topics that are not there. */
  readonly makesTopics: boolean
  /** As the user has asked for it. */
  plainly(): Promise<Result>
  marked(headers: Headers): Promise<Result>
  /** What the brokers have taken so far, also of a call that has failed. */
  taken(): readonly SentMessage[]
  /** Of the user's transaction, as long as nobody knows how it ends. */
  readonly transaction?: OpenTransaction
}

/** A transaction of the user's, on record from the first message on. */
export class OpenTransaction {
  #tracked: CaptureTransaction | undefined

  in(sink: CaptureSink, store: string): CaptureTransaction {
    this.#tracked ??= sink.transaction({ id: store })
    return this.#tracked
  }

  settle(as: 'committed' | 'rolled-back'): void {
    this.#tracked?.settle(as)
    this.#tracked = undefined
  }
}

export class CapturedClient {
  readonly sink: CaptureSink
  readonly link: ClientLink
  readonly #names: Settings['headers']
  readonly #topics: KnownTopics

  constructor(link: ClientLink, sink: CaptureSink, names: Settings['headers']) {
    this.link = link
    this.sink = sink
    this.#names = names
    this.#topics = new KnownTopics(link)
  }

  /** Called where the user has called: the scope is that of the caller. `entry`: the function that was called. */
  async send<Result>(entry: Entry, sending: Sending<Result>): Promise<Result> {
    const known = this.#topics.known(sending.topics)
    const begin = this.sink.beginHere(entry, known === undefined ? 'later' : undefined)
    const headers = messageHeaders(this.sink, this.#names)
    const store = known ?? (await this.#topics.look(sending.topics).catch(() => undefined))
    const announce = (type: string, via: string) =>
      store === undefined ? undefined : begin({ kind, store: { id: store }, type, via })
    const pending = announce('message', `send to ${sending.topics.join(', ')}`)
    if (store === undefined || !pending) return sending.plainly()
    let failure: unknown
    try {
      const result = await sending.marked(headers)
      this.#record(pending, sending, store)
      return result
    } catch (error) {
      failure = error ?? new Error('no reason was given')
      if (sending.taken().length > 0 || !mayHaveArrived(error)) this.#record(pending, sending, store)
      throw error
    } finally {
      for (const [topic, id] of await this.#made(sending, failure)) {
        const made = announce('topic', `make topic ${topic}`)
        if (id !== undefined) made?.created([topicSet(topic, id)])
      }
    }
  }

  /** What was sent is there, though a broker may show its topic only after the next sending. Without an id: perhaps made. */
  async #made(
    { makesTopics, topics }: Sending<unknown>,
    failure: unknown,
  ): Promise<ReadonlyMap<string, string | undefined>> {
    const wereAskedFor = makesTopics && isUnknownTopic(failure)
    const made = makesTopics ? await this.#topics.appeared(topics, wereAskedFor).catch(() => none) : none
    if (!makesTopics || failure !== undefined) {
      const left = this.#topics.forget(topics)
      if (wereAskedFor) return new Map([...left.map((topic) => [topic, undefined] as const), ...made])
    }
    return made
  }

  /** `made`: the names that `create` has made, and their ids, also where it has failed. */
  async create<Result>(
    entry: Entry,
    names: readonly string[],
    create: () => Promise<Result>,
    made: () => Promise<ReadonlyMap<string, string>>,
  ): Promise<Result> {
    const begin = this.sink.beginHere(entry, 'later')
    const store = await this.#topics.look([]).catch(() => undefined)
    const pending =
      store === undefined
        ? undefined
        : begin({ kind, store: { id: store }, type: 'topic', via: `make topic ${names.join(', ')}` })
    if (!pending) return create()
    try {
      return await create()
    } finally {
      pending.created([...(await made().catch(() => none))].map(([name, id]) => topicSet(name, id)))
    }
  }

  async deleted(type: 'topic' | 'group', names: readonly string[]): Promise<void> {
    if (type === 'topic') topicsDeleted()
    const store = await this.#topics.look([]).catch(() => undefined)
    if (store !== undefined) this.sink.removed({ id: store }, type, names)
  }

  #record(pending: PendingCreate, { taken, transaction }: Sending<unknown>, store: string): void {
    const messages = taken()
    pending.created(messages.length === 0 ? [] : [messageSet(messages)], transaction?.in(this.sink, store))
  }
}

const none: ReadonlyMap<string, string> = new Map()

/** The broker says of a topic that it is making as well that it does not know it, or has no leader for it yet. */
function isUnknownTopic(error: unknown): boolean {
  const { type, apiId, code, message } = Object(error) as { readonly [name: string]: unknown }
  if (/^(UNKNOWN_TOPIC_OR_PARTITION|LEADER_NOT_AVAILABLE)$/.test(String(type ?? apiId))) return true
  if (code === 'PLT_KFK_USER' && /^Unknown topic /.test(String(message))) return true
  return causesOf(error).some(isUnknownTopic)
}

const causesOf = (error: unknown): readonly unknown[] => {
  const { cause, errors } = Object(error) as { cause?: unknown; errors?: unknown }
  return [cause, ...(Array.isArray(errors) ? errors : [])].filter((one) => one !== undefined)
}

/** An answer that never came says nothing: then the intent stays open, and the report tells it. */
function mayHaveArrived(error: unknown): boolean {
  const { name = '', code = '' } = Object(error) as { name?: string; code?: string }
  if (/Timeout|ConnectionClosed|ConnectionError|PLT_KFK_(NETWORK|TIMEOUT)/.test(`${name} ${code}`)) return true
  return causesOf(error).some(mayHaveArrived)
}
