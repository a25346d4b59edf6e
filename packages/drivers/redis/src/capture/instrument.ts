/** Patches the classes of ioredis and node-redis, so that no test has to change. */
import { asOne, type CaptureSink, type Instrument, invalidArgument, ofSupported, ownerOf } from '@dustpan/core/driver'
import type { IoredisModule } from '../ioredis.ts'
import type { NodeClient, NodeRedisModule } from '../node-redis.ts'
import { type CaptureRules, everything } from './capture-rules.ts'
import * as ioredis from './ioredis.ts'
import * as nodeRedis from './node-redis.ts'
import { captureBatches } from './node-redis-batches.ts'
import { captureCluster as captureNodeCluster, noteCluster } from './node-redis-cluster.ts'
import { captureReset, captureSelect } from './node-redis-database.ts'

/** The supported versions, as in `peerDependencies`. */
const ioredisLibrary = { name: 'ioredis', range: '^5.4 || ^6.0' }
const redisLibrary = { name: 'redis', range: '^4.6 || ^5.0 || ^6.0' }

/** `root`: the project whose copies of the libraries need a supported version. */
export function instrumentsBy(rules: CaptureRules, root: string): readonly Instrument[] {
  const node = (exports: NodeRedisModule, sink: CaptureSink) => installNodeRedis(exports, sink, rules)
  const all = [
    [ioredisLibrary, instrument('ioredis', isIoredis, (exports, sink) => installIoredis(exports, sink, rules))],
    [redisLibrary, instrument('@redis/client', isNodeRedis, node)],
    [redisLibrary, instrument('redis', isNodeRedis, node)],
  ] as const
  return all.map(([library, one]) => ofSupported(library, one, root))
}

function instrument<Exports>(
  module: string,
  accepts: (exports: unknown) => exports is Exports,
  install: (exports: Exports, sink: CaptureSink) => Disposable,
): Instrument {
  return {
    module,
    accepts,
    install(exports, sink) {
      if (!accepts(exports)) throw invalidArgument(`expected the exports of ${module}, got something else`)
      return install(exports, sink)
    },
  }
}

/** Captures one client; without a sink, only checks that it is a client. */
export function captureClient(client: object, sink: CaptureSink | undefined): void {
  const install = installerFor(client)
  if (install === undefined)
    throw invalidArgument(
      `capture(client): expected a client of ioredis or node-redis, got ${typeof client}`,
      'Pass what new Redis(), new Cluster(), createClient() or createCluster() gave.',
    )
  if (sink) install(Object.getPrototypeOf(client) as object, sink, client)
}

type Install = (prototype: object, sink: CaptureSink, client: object) => unknown

/** How to patch the library of a client; its pipelines are captured too. */
function installerFor(client: object): Install | undefined {
  const has = (...names: readonly string[]) => names.every((name) => typeof (client as never)[name] === 'function')
  if (has('sendCommand', 'pipeline', 'duplicate'))
    return (prototype, sink) => {
      const pipeline = (client as { pipeline(): object }).pipeline()
      ioredis.capturePipeline(ownerOf(Object.getPrototypeOf(pipeline) as object, 'sendCommand'), sink, everything)
      const capture = 'startupNodes' in client ? ioredis.captureCluster : ioredis.captureSending
      capture(ownerOf(prototype, 'sendCommand'), sink, everything)
      if ('startupNodes' in client) captureNodes(client as never, sink)
    }
  if (has('sendCommand', 'duplicate') && 'masters' in client)
    return (prototype, _sink, cluster) => {
      captureNodeCluster(ownerOf(prototype, 'connect'), everything)
      noteCluster(cluster)
    }
  if (has('sendCommand', 'connect', 'duplicate'))
    return (_, sink, own) => installClient(own as NodeClient, sink, everything)
  return undefined
}

/** The connections to a cluster's nodes are clients themselves. */
function captureNodes(cluster: { nodes(): readonly object[] }, sink: CaptureSink): void {
  for (const node of cluster.nodes()) ioredis.captureSending(ownerOf(node, 'sendCommand'), sink, everything)
}

function installIoredis(exports: IoredisModule, sink: CaptureSink, rules: CaptureRules): Disposable {
  const client = clientOf(exports)
  const parts = [
    ioredis.captureSending(ownerOf(client, 'sendCommand'), sink, rules),
    ioredis.captureCluster(ownerOf(exports.Cluster.prototype, 'sendCommand'), sink, rules),
  ]
  if (exports.Pipeline) parts.push(ioredis.capturePipeline(exports.Pipeline.prototype, sink, rules))
  return asOne(parts)
}

function installNodeRedis(exports: NodeRedisModule, sink: CaptureSink, rules: CaptureRules): Disposable {
  const { client, cluster } = cachedSamples(exports)
  const parts = [installClient(client, sink, rules)]
  if (cluster) parts.push(captureNodeCluster(ownerOf(Object.getPrototypeOf(cluster) as object, 'connect'), rules))
  const pool = exports.RedisClientPool?.prototype
  if (pool && 'execute' in pool) parts.push(nodeRedis.capturePool(pool, sink, rules))
  return asOne(parts)
}

interface Samples {
  readonly client: NodeClient
  readonly cluster: object | undefined
}

const samples = new WeakMap<NodeRedisModule, Samples>()

/**
 * Not every version exports its classes, so they are taken from an unconnected client. Cached, because creating one
 * sets up hundreds of commands.
 */
function cachedSamples(exports: NodeRedisModule): Samples {
  const known = samples.get(exports)
  if (known) return known
  const made = { client: exports.createClient(), cluster: exports.createCluster?.({ rootNodes: [{}] }) }
  samples.set(exports, made)
  return made
}

function installClient(client: NodeClient, sink: CaptureSink, rules: CaptureRules): Disposable {
  const target = ownerOf(Object.getPrototypeOf(client) as object, 'sendCommand')
  const send = plainSend(target)
  if (!('multiExecutor' in target))
    return asOne([
      nodeRedis.captureSending(target, sink, rules),
      captureReset(target, rules),
      captureBatches(target, '_executeMulti', sink, rules, send),
      captureBatches(target, '_executePipeline', sink, rules, send),
    ])
  const queue = oldQueueOf(client)
  const parts = [captureSelect(target, rules), captureBatches(target, 'multiExecutor', sink, rules, send)]
  if (queue)
    parts.push(nodeRedis.captureOldClient(target, Object.getPrototypeOf(queue) as object, oldQueueOf, sink, rules))
  return asOne(parts)
}

/**
 * `redis` 4 keeps private state in weak maps, and its getter `isPubSubActive` looks up the queue:
 * `WeakMap.prototype.get` is replaced while that getter runs, and nothing else runs meanwhile. The maps belong to the
 * realm that loaded the library (Jest has one per test file).
 */
function oldQueueOf(client: NodeClient): object | undefined {
  const realm = client.sendCommand.constructor as (source: string) => () => WeakMapConstructor
  const { prototype } = realm('return WeakMap')()
  const { get } = prototype
  let queue: object | undefined
  prototype.get = function (this: WeakMap<object, unknown>, key: object) {
    const value: unknown = get.call(this, key)
    if (key === client && typeof (value as { addCommand?: unknown } | undefined)?.addCommand === 'function')
      queue = value as object
    return value
  }
  try {
    void (client as { isPubSubActive?: unknown }).isPubSubActive
  } finally {
    prototype.get = get
  }
  return queue
}

/** Calls the present `sendCommand`, patched or not: a flag keeps our own lookups from being captured. */
function plainSend(target: object): NodeClient['sendCommand'] {
  return function send(this: NodeClient, ...args: Parameters<NodeClient['sendCommand']>) {
    return (target as NodeClient).sendCommand.call(this, ...args)
  }
}

const clientOf = ({ Redis, default: fallback }: IoredisModule, exports?: unknown): object =>
  ((Redis ?? fallback ?? exports) as { readonly prototype: object }).prototype

function isIoredis(exports: unknown): exports is IoredisModule {
  const { Cluster, Command, Redis, default: fallback } = (exports ?? {}) as Partial<IoredisModule>
  const client = Redis?.prototype ?? fallback?.prototype
  return (
    typeof Cluster === 'function' &&
    typeof (Command?.prototype as { toWritable?: unknown })?.toWritable === 'function' &&
    typeof (client as { sendCommand?: unknown })?.sendCommand === 'function'
  )
}

/** `redis` 3, which has no promises and no `createCluster`, is not accepted. */
function isNodeRedis(exports: unknown): exports is NodeRedisModule {
  const { createClient, createCluster } = (exports ?? {}) as Partial<NodeRedisModule>
  return typeof createClient === 'function' && typeof createCluster === 'function'
}
