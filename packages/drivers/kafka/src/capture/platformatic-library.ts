/** Structural types for the parts of @platformatic/kafka 2 that the driver uses, so that any copy of it fits. */

export interface Platformatic {
  readonly Producer: { readonly prototype: object }
  readonly Admin: { readonly prototype: object }
}

export interface Client {
  readonly closed: boolean
}

export interface Connection {
  send(
    api: number,
    version: number,
    payload: () => { readonly buffers: readonly Buffer[]; readonly length: number; readonly context: object },
    parse: (id: number, api: number, version: number, answer: { readonly buffer: { slice(): Buffer } }) => unknown,
    hasRequestTags: boolean,
    hasAnswerTags: boolean,
    callback: Callback,
  ): void
}

export interface ClientOptions {
  readonly autocreateTopics?: boolean
  readonly bootstrapBrokers: readonly (string | { readonly host: string; readonly port: number })[]
  readonly serializers?: Serializers
  readonly registry?: { getSerializers?(): Serializers }
}

export interface Serializers {
  readonly headerKey?: (value: unknown, metadata?: unknown) => unknown
  readonly headerValue?: (value: unknown, metadata?: unknown) => unknown
}

export interface Message {
  readonly topic: string
  readonly key?: unknown
  readonly headers?: ReadonlyMap<unknown, unknown> | { readonly [name: string]: unknown }
}

export interface SendOptions {
  readonly messages: readonly Message[]
  readonly autocreateTopics?: boolean
}

export interface SendResult {
  readonly offsets?: readonly { readonly topic: string; readonly partition: number; readonly offset: bigint }[]
}

export type Callback = (error: Error | null | undefined, result?: unknown) => void

/** The function with which the library sends messages to one broker. */
export type ProduceApi = (
  connection: unknown,
  acks: number,
  timeout: number,
  messages: readonly TakenMessage[],
  options: unknown,
  callback: (error: Error | null, answer?: ProduceAnswer) => void,
) => void

export interface TakenMessage {
  readonly topic: string
  readonly partition: number
  readonly key?: unknown
}

export interface ProduceAnswer {
  readonly responses?: readonly {
    readonly name: string
    readonly partitionResponses: readonly {
      readonly index: number
      readonly errorCode: number
      readonly baseOffset: bigint
    }[]
  }[]
}

export function isPlatformatic(exports: unknown): exports is Platformatic {
  const { Producer, Admin } = Object(exports) as { Producer?: { prototype?: unknown }; Admin?: { prototype?: unknown } }
  return isClient(Producer?.prototype) && isClient(Admin?.prototype)
}

/** Whether it is a Producer or Admin, or the prototype of one. */
export function isClient(value: unknown): value is object {
  const { send, createTopics } = Object(value) as Record<string, unknown>
  return (
    (typeof send === 'function' || typeof createTopics === 'function') &&
    symbolOf(value as object, 'getApi') !== undefined
  )
}

/** The symbol of one of the library's internal properties. */
export function symbolOf(client: object, name: 'getApi' | 'options' | 'getBootstrapConnection'): symbol | undefined {
  for (let holder: object | null = client; holder; holder = Object.getPrototypeOf(holder)) {
    const found = Object.getOwnPropertySymbols(holder).find(
      ({ description }) => description === `plt.kafka.base.${name}`,
    )
    if (found) return found
  }
  return undefined
}

export function optionsOf(client: object): ClientOptions {
  const name = symbolOf(client, 'options')
  return (name && (client as { [name: symbol]: ClientOptions })[name]) || { bootstrapBrokers: [] }
}
