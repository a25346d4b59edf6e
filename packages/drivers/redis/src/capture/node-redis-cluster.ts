/** Clusters of node-redis: their commands are sent by clients of the nodes. */
import type { CaptureSink } from '@dustpan/core/driver'
import { placeOf } from '../identity.ts'
import type { NodeClient, NodeCluster, NodeOptions } from '../node-redis.ts'
import type { CaptureRules } from './capture-rules.ts'
import type { Where } from './connection.ts'
import { patch } from './patch.ts'

/** By a client of one of its nodes, or by what such a client is about to send. */
export const clusters = new WeakMap<object, Where>()

/** A cluster sends what it is given by a client of the node that has the keys. */
export function captureCluster(target: object, sink: CaptureSink, rules: CaptureRules): Disposable {
  return '_execute' in target ? captureExecute(target, sink, rules) : captureOldCluster(target, sink, rules)
}

function captureExecute(target: object, _sink: CaptureSink, rules: CaptureRules): Disposable {
  return patch(target, '_execute', rules, (original) => {
    return function _execute(this: NodeCluster, ...args: unknown[]): unknown {
      const send = args[3] as (client: NodeClient, ...rest: unknown[]) => unknown
      args[3] = (client: NodeClient, ...rest: unknown[]) => {
        if (!clusters.has(itself(client))) clusters.set(itself(client), clusterOf(this))
        return send(client, ...rest)
      }
      return original.call(this, ...args)
    }
  })
}

/** Version 1 hands the arguments on as they are. */
function captureOldCluster(target: object, _sink: CaptureSink, rules: CaptureRules): Disposable {
  return patch(target, 'sendCommand', rules, (original) => {
    return function sendCommand(this: NodeCluster, ...args: unknown[]): unknown {
      if (Array.isArray(args[2])) clusters.set(args[2], clusterOf(this))
      for (const { client } of this.masters ?? []) if (client) clusters.set(client, clusterOf(this))
      return original.call(this, ...args)
    }
  })
}

function clusterOf(cluster: NodeCluster): Where {
  const seeds = (cluster._self ?? cluster)._options?.rootNodes.map(rootOf)
  return { nodes: seeds ?? (cluster.masters ?? []).map(({ host, port }) => ({ host, port })), cluster: true }
}

function rootOf({ url, socket }: NodeOptions): Where['nodes'][number] {
  if (url !== undefined) return placeOf(url, true).nodes[0] as Where['nodes'][number]
  return { host: socket?.host ?? 'localhost', port: socket?.port ?? 6379 }
}

/** Clients made by `withCommandOptions` and its kind stand before the one that has the socket. */
export const itself = (client: NodeClient): NodeClient => (client as { _self?: NodeClient })._self ?? client
