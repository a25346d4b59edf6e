/** Where a client of ioredis leads. */
import { decidingRules } from '@dustpan/core/driver'
import type { Cluster, Redis } from '../ioredis.ts'
import { rememberClient } from '../removal/settings.ts'
import { everything } from './capture-rules.ts'
import { Connection, type Where } from './connection.ts'
import type { Capture, Given } from './ioredis-given.ts'
import { takeBack } from './ioredis-wire.ts'
import { selectionOf } from './selection.ts'
import type { Watcher } from './watch.ts'

const connections = new WeakMap<object, Connection>()

export function watcherOf(redis: Redis, { cluster }: Given, { sink, all }: Capture): Watcher {
  const expected = redis.condition?.select ?? redis.options.db ?? 0
  const selection = selectionOf.now(redis.stream, expected, expected === 0)
  const connection = connections.get(redis.stream) ?? connect(redis, cluster)
  return { sink, connection, selection, rules: (store) => decidingRules(all, store) ?? everything }
}

/** Each socket leads to one server for as long as it is open. */
function connect(redis: Redis, cluster: Cluster | undefined): Connection {
  const connection = new Connection(cluster ? clusterOf(cluster) : serverOf(redis))
  connections.set(redis.stream, connection)
  redis.stream.prependOnceListener('close', () => takeBack(redis))
  rememberClient(connection.where, cluster ? { ...cluster.options.redisOptions } : redis.options)
  return connection
}

function serverOf({ options, stream }: Redis): Where {
  if (options.path) return { nodes: [{ host: options.path, port: 0 }], cluster: false }
  const isFound = options.sentinels && options.sentinels.length > 0 // by sentinels: only the socket knows where it leads
  const host = isFound ? stream.remoteAddress : options.host
  const port = isFound ? stream.remotePort : options.port
  return { nodes: [{ host: host ?? 'localhost', port: port ?? 6379 }], cluster: false }
}

function clusterOf({ startupNodes }: Cluster): Where {
  return { nodes: startupNodes.map(nodeOf), cluster: true }
}

function nodeOf(node: Cluster['startupNodes'][number]): Where['nodes'][number] {
  if (typeof node === 'number') return { host: 'localhost', port: node }
  if (typeof node === 'object') return { host: node.host ?? 'localhost', port: Number(node.port ?? 6379) }
  const { hostname, port } = new URL(node.includes('://') ? node : `redis://${node}`)
  return { host: hostname || 'localhost', port: Number(port || 6379) }
}
