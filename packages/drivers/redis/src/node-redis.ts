/** As much of node-redis (`@redis/client` 1, 5 and 6) as is used here. */
import type { Arg } from './keys.ts'

export interface NodeClient {
  readonly isOpen: boolean
  readonly options?: NodeOptions
  /** Of what `withCommandOptions` gives. */
  readonly _commandOptions?: Asap
  sendCommand(args: readonly Arg[], options?: unknown): Promise<unknown>
  on(event: 'connect', listener: () => void): unknown
}

/** To the front of the queue. */
export interface Asap {
  readonly asap?: boolean
}

export interface NodeOptions {
  readonly socket?: {
    readonly host?: string
    readonly port?: number
    readonly path?: string
    readonly tls?: boolean | object
  }
  readonly url?: string
  readonly username?: string
  readonly password?: string
  readonly database?: number
  readonly commandsQueueMaxLength?: number
}

export interface NodeCluster {
  readonly _self?: NodeCluster
  readonly _options?: ClusterOptions
  readonly masters?: readonly ClusterNode[]
  readonly replicas?: readonly ClusterNode[]
}

interface ClusterNode {
  readonly host: string
  readonly port: number
  /** A promise, while it connects. */
  readonly client?: object
}

export interface ClusterOptions {
  readonly rootNodes: readonly NodeOptions[]
  readonly defaults?: NodeOptions
}

export interface Queued {
  readonly args: readonly Arg[]
  readonly transformReply?: unknown
}

/** What `createClient` and its kind come from. */
export interface NodeRedisModule {
  createClient(options?: object): NodeClient
  createCluster?(options: ClusterOptions): object
  readonly RedisClientPool?: { readonly prototype: object }
}
