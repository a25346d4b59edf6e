/** Structural types for the parts of kafkajs 2 that the driver uses, so that any copy of it fits. */

export interface KafkaJs {
  readonly Kafka: { readonly prototype: object }
}

export interface Cluster {
  readonly brokerPool: {
    readonly seedBroker?: { readonly connectionPool: { readonly host: string; readonly port: number } }
    findConnectedBroker(): Promise<Broker>
  }
  /** The topics of each metadata request. */
  readonly targetTopics?: Set<string>
  isConnected(): boolean
  findBroker(which: { nodeId: string }): Promise<Broker>
  findControllerBroker(): Promise<Broker>
}

export interface Broker {
  readonly connectionPool: { send<Answer>(call: RawCall<Answer>): Promise<Answer> }
  produce(request: ProduceRequest): Promise<ProduceAnswer | undefined>
  createTopics(request: {
    readonly topics: readonly { readonly topic: string }[]
    readonly validateOnly?: boolean
  }): Promise<unknown>
}

/** A request of our own; kafkajs accepts any object with these members as an encoder. */
interface RawCall<Answer> {
  readonly request: {
    readonly apiKey: number
    readonly apiVersion: number
    readonly apiName: string
    encode(): Promise<{ readonly buf: Buffer; readonly buffer: Buffer; size(): number }>
  }
  readonly response: { decode(payload: Buffer): Promise<Buffer>; parse(payload: Buffer): Promise<Answer> }
  readonly logResponseError: boolean
}

export interface ProduceRequest {
  readonly topicData: readonly {
    readonly topic: string
    readonly partitions: readonly { readonly partition: number; readonly messages: readonly Message[] }[]
  }[]
}

export interface ProduceAnswer {
  readonly topics: readonly {
    readonly topicName: string
    readonly partitions: readonly {
      readonly partition: number
      readonly baseOffset?: string
      readonly offset?: string
    }[]
  }[]
}

export interface Message {
  readonly key?: unknown
  readonly headers?: { readonly [name: string]: unknown }
}

export interface TopicMessages {
  readonly topic: string
  readonly messages: readonly Message[]
}

export function isKafkaJs(exports: unknown): exports is KafkaJs {
  const { Kafka, KafkaJSError } = Object(exports) as { Kafka?: { prototype?: unknown }; KafkaJSError?: unknown }
  return typeof KafkaJSError === 'function' && isKafka(Kafka?.prototype)
}

/** Whether it is a Kafka, or its prototype. */
export function isKafka(value: unknown): value is object {
  const { producer, consumer, admin } = Object(value) as Record<string, unknown>
  return [producer, consumer, admin].every((method) => typeof method === 'function')
}

type MakeCluster = (...args: unknown[]) => Cluster

/** Access to the private property with which a Kafka creates its clusters. Undefined: this version has none. */
export function clusterMakerOf(kafka: object): { get(): MakeCluster; set(make: MakeCluster): void } | undefined {
  const name = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === 'private:Kafka:createCluster',
  )
  const holder = kafka as { [name: symbol]: MakeCluster }
  if (name === undefined || typeof holder[name] !== 'function') return undefined
  return {
    get: () => holder[name] as MakeCluster,
    set(make) {
      holder[name] = make
    },
  }
}
