/** Captures kafkajs. Its producers and admins are plain objects, so each one is patched when it is created. */
import { asOne, type CaptureSink, DustpanError, type Instrument } from '@dustpan/core/driver'
import type { Settings } from '../options.ts'
import { patch } from '../patch.ts'
import { CapturedClient } from './captured-client.ts'
import { answerOf, type ClientLink, payloadOf } from './client-link.ts'
import { captureAdmin } from './kafkajs-admin.ts'
import { type Cluster, clusterMakerOf, isKafkaJs } from './kafkajs-library.ts'
import { captureProducer } from './kafkajs-producer.ts'

export function kafkaJsInstrument(names: Settings['headers']): Instrument {
  return {
    module: 'kafkajs',
    accepts: isKafkaJs,
    install: (exports, sink) => (isKafkaJs(exports) ? captureKafka(exports.Kafka.prototype, sink, names) : asOne([])),
  }
}

/** A captured producer or admin. */
export interface WatchedClient extends CapturedClient {
  readonly cluster: Cluster
  /** Whether capture is active now. */
  readonly isOn: boolean
  /** Whether sending creates missing topics, which is the library's default. */
  readonly createsTopics: boolean
}

const captures = { producer: captureProducer, admin: captureAdmin }

/** @param kafka a Kafka, or its prototype */
export function captureKafka(kafka: object, sink: CaptureSink, names: Settings['headers']): Disposable {
  const state = { isOn: true }
  const watch = (method: keyof typeof captures) =>
    patch(
      kafka,
      method,
      (make) =>
        function (this: unknown, ...args) {
          if (!state.isOn) return make.apply(this, args)
          const { made, cluster } = createWithCluster(this as object, () => make.apply(this, args) as object)
          if (cluster === undefined) sink.warn('DUSTPAN_DRIVER_UNAVAILABLE', 'kafkajs', unsupported)
          else captures[method](made, new KafkaJsClient(cluster, sink, names, state, createsTopics(args[0])))
          return made
        },
    )
  const parts = asOne([watch('producer'), watch('admin')])
  return {
    [Symbol.dispose]() {
      state.isOn = false
      parts[Symbol.dispose]()
    },
  }
}

const createsTopics = (options: unknown): boolean =>
  (Object(options) as { allowAutoTopicCreation?: unknown }).allowAutoTopicCreation !== false

const unsupported =
  'What tests send is not tracked: this version of kafkajs is not supported. Install it with `npm install --save-dev kafkajs@^2.2.4`'

class KafkaJsClient extends CapturedClient implements WatchedClient {
  readonly cluster: Cluster
  readonly createsTopics: boolean
  readonly #state: { readonly isOn: boolean }

  constructor(
    cluster: Cluster,
    sink: CaptureSink,
    names: Settings['headers'],
    state: { readonly isOn: boolean },
    createsTopics: boolean,
  ) {
    super(linkOf(cluster), sink, names)
    this.cluster = cluster
    this.createsTopics = createsTopics
    this.#state = state
  }

  get isOn(): boolean {
    return this.#state.isOn && this.sink.active
  }
}

/** Creates a producer or admin, and returns its private cluster too, which is intercepted on creation. */
function createWithCluster(kafka: object, make: () => object): { made: object; cluster: Cluster | undefined } {
  const maker = clusterMakerOf(kafka)
  if (!maker) return { made: make(), cluster: undefined }
  let cluster: Cluster | undefined
  const original = maker.get()
  maker.set((...args) => {
    cluster = original(...args)
    return cluster
  })
  try {
    const made = make()
    return { made, cluster }
  } finally {
    maker.set(original)
  }
}

function linkOf(cluster: Cluster): ClientLink {
  return {
    get brokers() {
      const seed = cluster.brokerPool.seedBroker?.connectionPool
      return seed ? [{ host: seed.host, port: seed.port }] : []
    },
    async send(request) {
      if (!cluster.isConnected()) throw new DustpanError('DUSTPAN_STORE_UNREACHABLE', 'The client is not connected.')
      const { connectionPool } = await cluster.brokerPool.findConnectedBroker()
      const payload = payloadOf(request)
      const { api: apiKey, version: apiVersion, name: apiName } = request
      return connectionPool.send({
        request: {
          apiKey,
          apiVersion,
          apiName,
          encode: async () => ({ buf: payload, buffer: payload, size: () => payload.length }),
        },
        response: { decode: async (answer) => answer, parse: async (answer) => answerOf(request, answer) },
        logResponseError: false,
      })
    },
  }
}
