/** Types for the parts of node-redis (`@redis/client` 1, 5 and 6) that the driver uses. */
import type { Arg } from './keys.ts'

export interface NodeClient {
  readonly isOpen: boolean
  readonly options?: NodeOptions
  /** On clients that `withCommandOptions` returns. */
  readonly _commandOptions?: Asap
  sendCommand(args: readonly Arg[], options?: unknown): Promise<unknown>
  on(event: 'connect', listener: () => void): unknown
}

/** Puts a command at the front of the queue. */
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
  /** A promise while it connects. */
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

/** The module with `createClient`. */
export interface NodeRedisModule {
  createClient(options?: object): NodeClient
  createCluster?(options: ClusterOptions): object
  readonly RedisClientPool?: { readonly prototype: object }
}
