/** Clusters of node-redis, whose commands are sent by the clients of their nodes. */
import { asOne } from '@dustpan/core/driver'
import { placeOf } from '../identity.ts'
import type { NodeClient, NodeCluster, NodeOptions } from '../node-redis.ts'
import type { CaptureRules } from './capture-rules.ts'
import type { ServerLocation } from './connection.ts'
import { patch } from './patch.ts'

/**
 * Methods that register a cluster. `connect` comes first; the others are for a cluster that was connected before it was
 * captured. Each of them is bypassed in some version (by a pipeline, or `getNodeClientForKey`).
 */
const methods = ['connect', '_execute', 'sendCommand', 'multi', 'nodeClient', 'getNodeClientForKey']

export function captureCluster(target: object, rules: CaptureRules): Disposable {
  const own = methods.filter((name) => Object.hasOwn(target, name))
  return asOne(
    own.map((name) =>
      patch(target, name, rules, (original) => {
        return function noted(this: NodeCluster, ...args: unknown[]): unknown {
          noteCluster(this)
          return original.call(this, ...args)
        }
      }),
    ),
  )
}

const noted = new WeakSet<NodeCluster>()
const clusters = new Set<WeakRef<NodeCluster>>()

export function noteCluster(wrapper: NodeCluster): void {
  const cluster = wrapper._self ?? wrapper
  if (noted.has(cluster)) return
  noted.add(cluster)
  clusters.add(new WeakRef(cluster))
}

/** The cluster of a node's client; undefined for any other client. */
export function clusterOf(client: NodeClient): ServerLocation | undefined {
  for (const reference of clusters) {
    const cluster = reference.deref()
    if (!cluster) clusters.delete(reference)
    else if (nodesOf(cluster).some((node) => node.client && baseClient(node.client) === client))
      return locationOf(cluster)
  }
  return undefined
}

const nodesOf = ({ masters = [], replicas = [] }: NodeCluster) => [...masters, ...replicas]

function locationOf(cluster: NodeCluster): ServerLocation {
  const seeds = cluster._options?.rootNodes.map(rootOf)
  return { nodes: seeds ?? (cluster.masters ?? []).map(({ host, port }) => ({ host, port })), cluster: true }
}

function rootOf({ url, socket }: NodeOptions): ServerLocation['nodes'][number] {
  if (url !== undefined) return placeOf(url, true).nodes[0] as ServerLocation['nodes'][number]
  return { host: socket?.host ?? 'localhost', port: socket?.port ?? 6379 }
}

/** The client that has the socket: `withCommandOptions` and the like return a wrapper. */
export const baseClient = <Client extends object>(client: Client): Client =>
  (client as { _self?: Client })._self ?? client
