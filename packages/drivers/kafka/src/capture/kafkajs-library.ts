/** The parts of kafkajs 2 that are called here, typed by shape: any copy of it will do. */

export interface KafkaJs {
  readonly Kafka: { readonly prototype: object }
}

export interface Cluster {
  readonly brokerPool: {
    readonly seedBroker?: { readonly connectionPool: { readonly host: string; readonly port: number } }
    findConnectedBroker(): Promise<Broker>
  }
  /** What it asks about, whenever it asks. */
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

/** A request of our own; kafkajs takes for an encoder what has these. */
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

/** A Kafka, or the prototype of all. */
export function isKafka(value: unknown): value is object {
  const { producer, consumer, admin } = Object(value) as Record<string, unknown>
  return [producer, consumer, admin].every((method) => typeof method === 'function')
}

type MakeCluster = (...args: unknown[]) => Cluster

/** What a Kafka makes its clusters with: a private property. Undefined: this version has none. */
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
