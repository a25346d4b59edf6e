/** Captures messages that a Producer of @platformatic/kafka sends, with the partition and offset that the brokers assign. */
import { asOne } from '@dustpan/core/driver'
import { patch } from '../patch.ts'
import { type Headers, OpenTransaction, type Sending } from './captured-client.ts'
import type { SentMessage } from './created-sets.ts'
import { type ClientCapture, patchAsync } from './platformatic.ts'
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

export function captureProducer(target: object, capture: ClientCapture): readonly Disposable[] {
  const batches = new AcceptedBatches()
  const transactions = new WeakMap<object, OpenTransaction>()
  return [
    patchAsync(target, 'send', capture, ({ client, entry, options, callOriginal }) => {
      if (!isSendOptions(options)) return undefined
      const transaction = transactions.get(client)
      return capture.of(client).send(entry, sendingOf(client, options, callOriginal, batches, transaction))
    }),
    patchAsync(target, 'beginTransaction', capture, async ({ client, options, callOriginal }) => {
      const begun = (await callOriginal(options)) as object
      const open = new OpenTransaction()
      transactions.set(client, open)
      captureEnds(begun, open, () => transactions.delete(client))
      return begun
    }),
    batches.watch(target),
  ]
}

/** The methods of a transaction take a callback or return a promise. */
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
  callOriginal: (options: unknown) => Promise<unknown>,
  batches: AcceptedBatches,
  transaction: OpenTransaction | undefined,
): Sending<unknown> {
  let accepted: readonly SentMessage[] = []
  return {
    topics: [...new Set(options.messages.map(({ topic }) => topic))],
    createsTopics: (options.autocreateTopics ?? optionsOf(client).autocreateTopics) === true,
    sendUnchanged: () => callOriginal(options),
    async sendWithHeaders(headers) {
      const mark = markerOf(client, headers)
      const waiting = batches.wait(client)
      try {
        const result = (await callOriginal({ ...options, messages: options.messages.map(mark) })) as SendResult
        accepted = result.offsets
          ? waiting.acceptedAt(result.offsets)
          : options.messages.map(({ topic, key }) => ({ topic, key }))
        return result
      } catch (error) {
        accepted = waiting.acceptedAt((error as { produced?: SendResult }).produced?.offsets ?? [])
        throw error
      } finally {
        waiting.end()
      }
    },
    accepted: () => accepted,
    ...(transaction ? { transaction } : {}),
  }
}

/** Copies a message with our headers, in the form that the producer's serializers expect; its own headers take precedence. */
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

/** Headers are bytes if there is no serializer; none are added if a serializer does not accept strings. */
function formsFor({ headerKey, headerValue }: Serializers, headers: Headers): readonly (readonly [unknown, unknown])[] {
  const asText = (serialize: Serializers['headerKey'], text: string) => (serialize ? text : Buffer.from(text))
  const accepts = (serialize: Serializers['headerKey'], text: string) =>
    serialize === undefined || Buffer.isBuffer(serialize(text))
  try {
    const usable = headers.filter(([name, value]) => accepts(headerKey, name) && accepts(headerValue, value))
    return usable.map(([name, value]) => [asText(headerKey, name), asText(headerValue, value)] as const)
  } catch {
    return []
  }
}

interface Waiting {
  acceptedAt(places: NonNullable<SendResult['offsets']>): readonly SentMessage[]
  end(): void
}

/** Batches that brokers have accepted, by their position; for several messages in one call, only these say where each one went. */
class AcceptedBatches {
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
            callback(error, call && withNote(call, (...noted) => note(this as object, ...noted)))
          return getApi.call(this, api, watched)
        },
    )
  }

  wait(client: object): Waiting {
    const batches = this.#batches.get(client) ?? new Map<string, readonly unknown[]>()
    this.#batches.set(client, batches)
    this.#waiting.set(client, (this.#waiting.get(client) ?? 0) + 1)
    return {
      acceptedAt: (places) =>
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

function withNote(call: ProduceApi, note: Note): ProduceApi {
  return (connection, acks, timeout, messages, options, callback) =>
    call(connection, acks, timeout, messages, options, (error, answer) => {
      note(messages, answer ?? (error as { response?: ProduceAnswer } | null)?.response)
      callback(error, answer)
    })
}
