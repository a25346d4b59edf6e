/** Clusters of node-redis: their commands are sent by clients of the nodes. */
import { asOne } from '@dustpan/core/driver'
import { placeOf } from '../identity.ts'
import type { NodeClient, NodeCluster, NodeOptions } from '../node-redis.ts'
import type { CaptureRules } from './capture-rules.ts'
import type { Where } from './connection.ts'
import { patch } from './patch.ts'

/**
 * Notes the clusters themselves: what they do by the client of a node goes past every one of their methods in some version (a pipeline,
 * `getNodeClientForKey`). The others are for a cluster that was connected before it was captured.
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

export function noteCluster(given: NodeCluster): void {
  const cluster = given._self ?? given
  if (noted.has(cluster)) return
  noted.add(cluster)
  clusters.add(new WeakRef(cluster))
}

/** The cluster that the client belongs to; undefined: it is none of a node's. */
export function clusterOf(client: NodeClient): Where | undefined {
  for (const reference of clusters) {
    const cluster = reference.deref()
    if (!cluster) clusters.delete(reference)
    else if (nodesOf(cluster).some((node) => node.client && itself(node.client) === client)) return whereOf(cluster)
  }
  return undefined
}

const nodesOf = ({ masters = [], replicas = [] }: NodeCluster) => [...masters, ...replicas]

function whereOf(cluster: NodeCluster): Where {
  const seeds = cluster._options?.rootNodes.map(rootOf)
  return { nodes: seeds ?? (cluster.masters ?? []).map(({ host, port }) => ({ host, port })), cluster: true }
}

function rootOf({ url, socket }: NodeOptions): Where['nodes'][number] {
  if (url !== undefined) return placeOf(url, true).nodes[0] as Where['nodes'][number]
  return { host: socket?.host ?? 'localhost', port: socket?.port ?? 6379 }
}

/** Clients made by `withCommandOptions` and its kind stand before the one that has the socket. */
export const itself = <Client extends object>(client: Client): Client => (client as { _self?: Client })._self ?? client
