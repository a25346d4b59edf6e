/** Sees what a Producer of @platformatic/kafka sends: each message with partition and offset, as they go to the brokers. */
import { asOne } from '@dustpan/core/driver'
import { patch } from '../patch.ts'
import { type Headers, OpenTransaction, type Sending } from './captured-client.ts'
import type { SentMessage } from './created-sets.ts'
import { patchAsync, type Watching } from './platformatic.ts'
import {
  type Message,
  optionsOf,
  type ProduceAnswer,
  type ProduceApi,
  type SendOptions,
  type SendResult,
  type Serializers,
  symbolOf,
  type TakenMessage,
} from './platformatic-library.ts'

export function captureProducer(target: object, watching: Watching): readonly Disposable[] {
  const batches = new TakenBatches()
  const transactions = new WeakMap<object, OpenTransaction>()
  return [
    patchAsync(target, 'send', watching, ({ client, entry, options, plainly }) => {
      if (!isSendOptions(options)) return undefined
      const transaction = transactions.get(client)
      return watching.of(client).send(entry, sendingOf(client, options, plainly, batches, transaction))
    }),
    patchAsync(target, 'beginTransaction', watching, async ({ client, options, plainly }) => {
      const begun = (await plainly(options)) as object
      const open = new OpenTransaction()
      transactions.set(client, open)
      captureEnds(begun, open, () => transactions.delete(client))
      return begun
    }),
    batches.watch(target),
  ]
}

/** The library's transactions take a callback or give a promise. */
function captureEnds(transaction: object, open: OpenTransaction, forget: () => void): void {
  const ends = { commit: 'committed', abort: 'rolled-back', cancel: 'rolled-back' } as const
  for (const [method, as] of Object.entries(ends)) {
    patch(
      transaction,
      method,
      (end) =>
        function (this: unknown, ...args) {
          const settle = () => {
            open.settle(as)
            forget()
          }
          const [callback] = args
          if (typeof callback !== 'function') {
            return (end.call(this) as Promise<unknown>).then((result) => {
              settle()
              return result
            })
          }
          return end.call(this, (error: unknown, result: unknown) => {
            if (!error) settle()
            callback(error, result)
          })
        },
    )
  }
}

function isSendOptions(options: unknown): options is SendOptions {
  const { messages } = Object(options) as Partial<SendOptions>
  return Array.isArray(messages) && messages.length > 0 && messages.every((one) => typeof one?.topic === 'string')
}

function sendingOf(
  client: object,
  options: SendOptions,
  plainly: (options: unknown) => Promise<unknown>,
  batches: TakenBatches,
  transaction: OpenTransaction | undefined,
): Sending<unknown> {
  let taken: readonly SentMessage[] = []
  return {
    topics: [...new Set(options.messages.map(({ topic }) => topic))],
    makesTopics: (options.autocreateTopics ?? optionsOf(client).autocreateTopics) === true,
    plainly: () => plainly(options),
    async marked(headers) {
      const mark = markerOf(client, headers)
      const waiting = batches.wait(client)
      try {
        const result = (await plainly({ ...options, messages: options.messages.map(mark) })) as SendResult
        taken = result.offsets
          ? waiting.takenAt(result.offsets)
          : options.messages.map(({ topic, key }) => ({ topic, key }))
        return result
      } catch (error) {
        taken = waiting.takenAt((error as { produced?: SendResult }).produced?.offsets ?? [])
        throw error
      } finally {
        waiting.end()
      }
    },
    taken: () => taken,
    ...(transaction ? { transaction } : {}),
  }
}

/** A copy with our headers, in the form that the producer's serializers want; its own headers stay. */
function markerOf(client: object, headers: Headers): (message: Message) => Message {
  const { serializers, registry } = optionsOf(client)
  const forms = formsFor(serializers ?? registry?.getSerializers?.() ?? {}, headers)
  return (message) => {
    const own = message.headers
    const entries: [unknown, unknown][] = own instanceof Map ? [...own] : Object.entries(own ?? {})
    const names = new Set(entries.map(([name]) => String(name)))
    const added = forms.filter(([name]) => !names.has(String(name)))
    return added.length === 0 ? message : { ...message, headers: new Map([...added, ...entries]) }
  }
}

/** Without a serializer bytes are wanted; a serializer that does not take texts gets nothing. */
function formsFor({ headerKey, headerValue }: Serializers, headers: Headers): readonly (readonly [unknown, unknown])[] {
  const asText = (serialize: Serializers['headerKey'], text: string) => (serialize ? text : Buffer.from(text))
  const takes = (serialize: Serializers['headerKey'], text: string) =>
    serialize === undefined || Buffer.isBuffer(serialize(text))
  try {
    const fitting = headers.filter(([name, value]) => takes(headerKey, name) && takes(headerValue, value))
    return fitting.map(([name, value]) => [asText(headerKey, name), asText(headerValue, value)] as const)
  } catch {
    return []
  }
}

interface Waiting {
  takenAt(places: NonNullable<SendResult['offsets']>): readonly SentMessage[]
  end(): void
}

/** What went to the brokers in one request, by where it begins: of several messages in one call nobody else says which went where. */
class TakenBatches {
  readonly #batches = new Map<object, Map<string, readonly unknown[]>>()
  readonly #waiting = new Map<object, number>()

  watch(target: object): Disposable {
    const name = symbolOf(target, 'getApi')
    if (name === undefined) return asOne([])
    const note = (client: object, messages: readonly TakenMessage[], answer: ProduceAnswer | undefined) =>
      this.#note(client, messages, answer)
    return patch(
      target,
      name,
      (getApi) =>
        function (this: unknown, ...args) {
          const [api, callback] = args as [string, (error: unknown, call?: ProduceApi) => void]
          if (api !== 'Produce') return getApi.apply(this, args)
          const watched = (error: unknown, call?: ProduceApi) =>
            callback(error, call && noting(call, (...told) => note(this as object, ...told)))
          return getApi.call(this, api, watched)
        },
    )
  }

  wait(client: object): Waiting {
    const batches = this.#batches.get(client) ?? new Map<string, readonly unknown[]>()
    this.#batches.set(client, batches)
    this.#waiting.set(client, (this.#waiting.get(client) ?? 0) + 1)
    return {
      takenAt: (places) =>
        places.flatMap(({ topic, partition, offset }) => {
          const keys = batches.get(placeOf(topic, partition, offset)) ?? []
          batches.delete(placeOf(topic, partition, offset))
          return keys.map((key, i) => ({ topic, partition, offset: offset + BigInt(i), key }))
        }),
      end: () => this.#end(client),
    }
  }

  #end(client: object): void {
    const left = (this.#waiting.get(client) ?? 1) - 1
    this.#waiting.set(client, left)
    if (left > 0) return
    this.#waiting.delete(client)
    this.#batches.delete(client)
  }

  #note(client: object, messages: readonly TakenMessage[], answer: ProduceAnswer | undefined): void {
    const batches = this.#batches.get(client)
    if (!batches) return
    for (const { name, partitionResponses } of answer?.responses ?? []) {
      for (const { index, errorCode, baseOffset } of partitionResponses) {
        const own = messages.filter(({ topic, partition }) => topic === name && partition === index)
        if (errorCode === 0)
          batches.set(
            placeOf(name, index, baseOffset),
            own.map(({ key }) => key),
          )
      }
    }
  }
}

const placeOf = (topic: string, partition: number, offset: bigint): string => `${topic}/${partition}/${offset}`

type Note = (messages: readonly TakenMessage[], answer: ProduceAnswer | undefined) => void

function noting(call: ProduceApi, note: Note): ProduceApi {
  return (connection, acks, timeout, messages, options, callback) =>
    call(connection, acks, timeout, messages, options, (error, answer) => {
      note(messages, answer ?? (error as { response?: ProduceAnswer } | null)?.response)
      callback(error, answer)
    })
}
