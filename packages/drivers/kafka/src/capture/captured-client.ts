/** Tracks messages that a client sends and topics that it creates; shared by the captures of both libraries. */
import type { CaptureSink, CaptureTransaction, PendingCreate } from '@dustpan/core/driver'
import type { Settings } from '../options.ts'
import type { ClientLink } from './client-link.ts'
import { messageSet, type SentMessage, topicSet } from './created-sets.ts'
import { messageHeaders } from './headers.ts'
import { KnownTopics, topicsDeleted } from './known-topics.ts'

const kind = '@dustpan/kafka'

export type Headers = ReturnType<typeof messageHeaders>
type Entry = (...args: never[]) => unknown

/** A call of `send`. */
export interface Sending<Result> {
  readonly topics: readonly string[]
  /** Whether sending creates missing topics. */
  readonly createsTopics: boolean
  /** Sends the messages unchanged. */
  sendUnchanged(): Promise<Result>
  sendWithHeaders(headers: Headers): Promise<Result>
  /** The messages that the brokers have accepted so far, also of a failed call. */
  accepted(): readonly SentMessage[]
  /** The user's transaction, as long as it is open. */
  readonly transaction?: OpenTransaction
}

/** A transaction of the user, recorded from its first message on. */
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

  /** Must be called synchronously in the user's call, whose scope counts. `entry`: the function that the user called. */
  async send<Result>(entry: Entry, sending: Sending<Result>): Promise<Result> {
    const known = this.#topics.known(sending.topics)
    const begin = this.sink.beginHere(entry, known === undefined ? 'later' : undefined)
    const headers = messageHeaders(this.sink, this.#names)
    const store = known ?? (await this.#topics.lookUp(sending.topics).catch(() => undefined))
    const announce = (type: string, via: string) =>
      store === undefined ? undefined : begin({ kind, store: { id: store }, type, via })
    const pending = announce('message', `send to ${sending.topics.join(', ')}`)
    if (store === undefined || !pending) return sending.sendUnchanged()
    let failure: unknown
    try {
      const result = await sending.sendWithHeaders(headers)
      this.#record(pending, sending, store)
      return result
    } catch (error) {
      failure = error ?? new Error('no reason was given')
      if (sending.accepted().length > 0 || !mayHaveArrived(error)) this.#record(pending, sending, store)
      throw error
    } finally {
      for (const [topic, id] of await this.#createdTopics(sending, failure)) {
        const created = announce('topic', `make topic ${topic}`)
        if (id !== undefined) created?.created([topicSet(topic, id)])
      }
    }
  }

  /** Topics that the send has created. Without an id: perhaps created. A broker may list a new topic only after the next send. */
  async #createdTopics(
    { createsTopics, topics }: Sending<unknown>,
    failure: unknown,
  ): Promise<ReadonlyMap<string, string | undefined>> {
    const mayAppear = createsTopics && isUnknownTopic(failure)
    const created = createsTopics ? await this.#topics.appeared(topics, mayAppear).catch(() => none) : none
    if (!createsTopics || failure !== undefined) {
      const left = this.#topics.forget(topics)
      if (mayAppear) return new Map([...left.map((topic) => [topic, undefined] as const), ...created])
    }
    return created
  }

  /** `created`: names and ids of the topics that `create` has created, even if it has failed. */
  async create<Result>(
    entry: Entry,
    names: readonly string[],
    create: () => Promise<Result>,
    created: () => Promise<ReadonlyMap<string, string>>,
  ): Promise<Result> {
    const begin = this.sink.beginHere(entry, 'later')
    const store = await this.#topics.lookUp([]).catch(() => undefined)
    const pending =
      store === undefined
        ? undefined
        : begin({ kind, store: { id: store }, type: 'topic', via: `make topic ${names.join(', ')}` })
    if (!pending) return create()
    try {
      return await create()
    } finally {
      pending.created([...(await created().catch(() => none))].map(([name, id]) => topicSet(name, id)))
    }
  }

  async deleted(type: 'topic' | 'group', names: readonly string[]): Promise<void> {
    if (type === 'topic') topicsDeleted()
    const store = await this.#topics.lookUp([]).catch(() => undefined)
    if (store !== undefined) this.sink.removed({ id: store }, type, names)
  }

  #record(pending: PendingCreate, { accepted, transaction }: Sending<unknown>, store: string): void {
    const messages = accepted()
    pending.created(messages.length === 0 ? [] : [messageSet(messages)], transaction?.in(this.sink, store))
  }
}

const none: ReadonlyMap<string, string> = new Map()

/** While a broker is creating a topic, it also replies that the topic is unknown or has no leader. */
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

/** Whether the messages may have arrived although no reply came: then the intent stays open, and is reported. */
function mayHaveArrived(error: unknown): boolean {
  const { name = '', code = '' } = Object(error) as { name?: string; code?: string }
  if (/Timeout|ConnectionClosed|ConnectionError|PLT_KFK_(NETWORK|TIMEOUT)/.test(`${name} ${code}`)) return true
  return causesOf(error).some(mayHaveArrived)
}
