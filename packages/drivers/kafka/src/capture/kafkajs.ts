/** Sees what kafkajs sends and makes. Its producers and admins are plain objects, each watched from when it is made. */
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

/** What is watched of one producer or admin. */
export interface WatchedClient extends CapturedClient {
  readonly cluster: Cluster
  /** Whether anything would be tracked now. */
  readonly isOn: boolean
  /** Whether it was made so that sending makes topics: the library's own default. */
  readonly makesTopics: boolean
}

const captures = { producer: captureProducer, admin: captureAdmin }

/** @param kafka a Kafka, or the prototype of all */
export function captureKafka(kafka: object, sink: CaptureSink, names: Settings['headers']): Disposable {
  const state = { isOn: true }
  const watch = (method: keyof typeof captures) =>
    patch(
      kafka,
      method,
      (make) =>
        function (this: unknown, ...args) {
          if (!state.isOn) return make.apply(this, args)
          const { made, cluster } = madeWith(this as object, () => make.apply(this, args) as object)
          if (cluster === undefined) sink.warn('DUSTPAN_DRIVER_UNAVAILABLE', 'kafkajs', unsupported)
          else captures[method](made, new KafkaJsClient(cluster, sink, names, state, makesTopics(args[0])))
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

const makesTopics = (options: unknown): boolean =>
  (Object(options) as { allowAutoTopicCreation?: unknown }).allowAutoTopicCreation !== false

const unsupported =
  'What tests send is not tracked: this version of kafkajs is not supported. Install it with `npm install --save-dev kafkajs@^2.2.4`'

class KafkaJsClient extends CapturedClient implements WatchedClient {
  readonly cluster: Cluster
  readonly makesTopics: boolean
  readonly #state: { readonly isOn: boolean }

  constructor(
    cluster: Cluster,
    sink: CaptureSink,
    names: Settings['headers'],
    state: { readonly isOn: boolean },
    makesTopics: boolean,
  ) {
    super(linkOf(cluster), sink, names)
    this.cluster = cluster
    this.makesTopics = makesTopics
    this.#state = state
  }

  get isOn(): boolean {
    return this.#state.isOn && this.sink.active
  }
}

/** A producer keeps its cluster to itself; it is seen when it is made. */
function madeWith(kafka: object, make: () => object): { made: object; cluster: Cluster | undefined } {
  const maker = clusterMakerOf(kafka)
  if (!maker) return { made: make(), cluster: undefined }
  let cluster: Cluster | undefined
  const before = maker.get()
  maker.set((...args) => {
    cluster = before(...args)
    return cluster
  })
  try {
    const made = make()
    return { made, cluster }
  } finally {
    maker.set(before)
  }
}

function linkOf(cluster: Cluster): ClientLink {
  return {
    get brokers() {
      const seed = cluster.brokerPool.seedBroker?.connectionPool
      return seed ? [{ host: seed.host, port: seed.port }] : []
    },
    async ask(request) {
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
