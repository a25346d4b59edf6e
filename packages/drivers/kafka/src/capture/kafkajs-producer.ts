/** Captures messages that a producer of kafkajs sends, with the partition and offset that the brokers assign. */
import type { PatchedCall } from '@dustpan/core/driver'
import { patch } from '../patch.ts'
import { OpenTransaction, type Sending } from './captured-client.ts'
import type { SentMessage } from './created-sets.ts'
import type { WatchedClient } from './kafkajs.ts'
import type { Broker, Cluster, Message, ProduceAnswer, ProduceRequest, TopicMessages } from './kafkajs-library.ts'
import { noteCluster } from './target-topics.ts'

export function captureProducer(producer: object, client: WatchedClient): void {
  watchBrokers(client.cluster)
  noteCluster(client.cluster)
  captureSends(producer, client)
  patch(
    producer,
    'transaction',
    (begin) =>
      async function transaction(this: unknown, ...args) {
        const transaction = (await begin.apply(this, args)) as object
        if (client.isOn) captureTransaction(transaction, client)
        return transaction
      },
  )
}

function captureTransaction(transaction: object, client: WatchedClient): void {
  const open = new OpenTransaction()
  captureSends(transaction, client, open)
  const ends = { commit: 'committed', abort: 'rolled-back' } as const
  for (const [method, as] of Object.entries(ends) as [keyof typeof ends, (typeof ends)['commit' | 'abort']][]) {
    patch(
      transaction,
      method,
      (end) =>
        async function (this: unknown, ...args) {
          const result = await end.apply(this, args)
          open.settle(as)
          return result
        },
    )
  }
}

function captureSends(target: object, client: WatchedClient, transaction?: OpenTransaction): void {
  const capture = (method: 'send' | 'sendBatch', topicsOf: (request: never) => unknown, withMessages: WithMessages) =>
    patch(target, method, (send) => {
      const captured: PatchedCall = function (this: unknown, ...args) {
        const [request] = args
        const topics = client.isOn ? topicMessages(topicsOf(request as never)) : undefined
        if (!topics) return send.apply(this, args)
        const sendUnchanged = () => send.apply(this, args) as Promise<unknown>
        const sendMessages = (marked: readonly TopicMessages[]) =>
          send.call(this, withMessages(request as object, marked)) as Promise<unknown>
        return client.send(captured, sendingOf(topics, sendUnchanged, sendMessages, transaction, client.createsTopics))
      }
      return captured
    })
  capture(
    'send',
    (request: unknown) => [request],
    (request, [only]) => ({ ...request, messages: only?.messages }),
  )
  capture(
    'sendBatch',
    (request: { topicMessages?: unknown } | undefined) => request?.topicMessages,
    (request, all) => ({ ...request, topicMessages: all }),
  )
}

type WithMessages = (request: object, marked: readonly TopicMessages[]) => object

function sendingOf(
  topics: readonly TopicMessages[],
  sendUnchanged: () => Promise<unknown>,
  sendMessages: (marked: readonly TopicMessages[]) => Promise<unknown>,
  transaction: OpenTransaction | undefined,
  createsTopics: boolean,
): Sending<unknown> {
  const accepted: SentMessage[] = []
  return {
    topics: [...new Set(topics.map(({ topic }) => topic))],
    createsTopics,
    sendUnchanged,
    sendWithHeaders(headers) {
      const ours = Object.fromEntries(headers)
      const marked = topics.map(({ topic, messages }) => ({
        topic,
        messages: messages.map((one) => markedMessage(one, ours, accepted)),
      }))
      return sendMessages(marked)
    },
    accepted: () => accepted,
    ...(transaction ? { transaction } : {}),
  }
}

/** A property of the message, with the list to add it to once accepted: a weak map entry per message would cost more. */
const awaited = Symbol('dustpan')

type Awaited = Message & { readonly [awaited]?: SentMessage[] }

/** Copies the user's message; its own headers take precedence. */
function markedMessage(message: Message, ours: NonNullable<Message['headers']>, accepted: SentMessage[]): Awaited {
  return { ...message, headers: message.headers ? { ...ours, ...message.headers } : ours, [awaited]: accepted }
}

/** Undefined for invalid arguments, for which kafkajs throws. */
function topicMessages(given: unknown): readonly TopicMessages[] | undefined {
  const isOne = (one: unknown): one is TopicMessages => {
    const { topic, messages } = Object(one) as Partial<TopicMessages>
    return (
      typeof topic === 'string' &&
      topic !== '' &&
      Array.isArray(messages) &&
      messages.every((message) => typeof message === 'object' && message !== null)
    )
  }
  return Array.isArray(given) && given.length > 0 && given.every(isOne) ? given : undefined
}

/** Notes which messages the brokers accept; for several messages in one call, only these responses say where each one went. */
function watchBrokers(cluster: Cluster): void {
  patch(
    cluster,
    'findBroker',
    (find) =>
      async function (this: unknown, ...args) {
        const broker = (await find.apply(this, args)) as Broker
        if (!watched.has(broker)) watchProduce(broker)
        watched.add(broker)
        return broker
      },
  )
}

const watched = new WeakSet<Broker>()

function watchProduce(broker: Broker): void {
  patch(
    broker,
    'produce',
    (produce) =>
      async function (this: unknown, ...args) {
        const answer = (await produce.apply(this, args)) as ProduceAnswer | undefined
        note(args[0] as ProduceRequest, answer)
        return answer
      },
  )
}

function note({ topicData }: ProduceRequest, answer: ProduceAnswer | undefined): void {
  for (const { topic, partitions } of topicData) {
    const places = answer?.topics.find(({ topicName }) => topicName === topic)?.partitions
    for (const { partition, messages } of partitions) {
      const place = places?.find((one) => one.partition === partition)
      const first = place?.baseOffset ?? place?.offset
      messages.forEach((message: Awaited, i) => {
        const offset = first === undefined ? {} : { offset: BigInt(first) + BigInt(i) }
        message[awaited]?.push({ topic, partition, key: message.key, ...offset })
      })
    }
  }
}
