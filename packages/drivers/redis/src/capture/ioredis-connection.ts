/** The connection, server and database of an ioredis client. */
import { decidingRules } from '@dustpan/core/driver'
import type { Cluster, Redis } from '../ioredis.ts'
import { rememberClient } from '../removal/settings.ts'
import { everything } from './capture-rules.ts'
import { Connection, type ServerLocation } from './connection.ts'
import type { Capture, CommandState } from './ioredis-command-state.ts'
import { dropLookups } from './ioredis-wire.ts'
import { selectionOf } from './selection.ts'
import type { Watcher } from './watch.ts'

const connections = new WeakMap<object, Connection>()

export function watcherOf(redis: Redis, { cluster }: CommandState, { sink, all }: Capture): Watcher {
  const expected = redis.condition?.select ?? redis.options.db ?? 0
  const selection = selectionOf.now(redis.stream, expected, expected === 0)
  const connection = connections.get(redis.stream) ?? connect(redis, cluster)
  return { sink, connection, selection, rules: (store) => decidingRules(all, store) ?? everything }
}

/** One connection per socket: while open, a socket leads to one server. */
function connect(redis: Redis, cluster: Cluster | undefined): Connection {
  const connection = new Connection(cluster ? locationOfCluster(cluster) : locationOfServer(redis))
  connections.set(redis.stream, connection)
  redis.stream.prependOnceListener('close', () => dropLookups(redis))
  rememberClient(connection.location, cluster ? { ...cluster.options.redisOptions } : redis.options)
  return connection
}

function locationOfServer({ options, stream }: Redis): ServerLocation {
  if (options.path) return { nodes: [{ host: options.path, port: 0 }], cluster: false }
  const isViaSentinels = options.sentinels && options.sentinels.length > 0 // then only the socket knows the server
  const host = isViaSentinels ? stream.remoteAddress : options.host
  const port = isViaSentinels ? stream.remotePort : options.port
  return { nodes: [{ host: host ?? 'localhost', port: port ?? 6379 }], cluster: false }
}

function locationOfCluster({ startupNodes }: Cluster): ServerLocation {
  return { nodes: startupNodes.map(nodeOf), cluster: true }
}

function nodeOf(node: Cluster['startupNodes'][number]): ServerLocation['nodes'][number] {
  if (typeof node === 'number') return { host: 'localhost', port: node }
  if (typeof node === 'object') return { host: node.host ?? 'localhost', port: Number(node.port ?? 6379) }
  const { hostname, port } = new URL(node.includes('://') ? node : `redis://${node}`)
  return { host: hostname || 'localhost', port: Number(port || 6379) }
}
