/** Types for the parts of ioredis that the driver uses. */
import type { Socket } from 'node:net'
import type { Arg } from './keys.ts'

export type Writable = string | Buffer

export interface Command {
  readonly name: string
  readonly args: readonly Arg[]
  inTransaction: boolean
  resolve(reply: unknown): void
  reject(error: Error): void
}

export interface Redis {
  readonly options: RedisOptions
  readonly stream: Socket
  readonly condition?: { readonly select: number }
  readonly commandQueue: { readonly length: number; push(item: Waiting): unknown; shift(): Waiting | undefined }
}

/** A command that was written and waits for its reply. */
interface Waiting {
  readonly command: Command
  readonly stream: unknown
  readonly select: number | undefined
}

export interface RedisOptions {
  readonly host?: string
  readonly port?: number
  readonly path?: string
  readonly db?: number
  readonly username?: string | null
  readonly password?: string | null
  readonly tls?: object
  readonly sentinels?: readonly unknown[] | null
}

export interface Cluster {
  readonly startupNodes: readonly (string | number | { readonly host?: string; readonly port?: number })[]
  readonly options: { readonly redisOptions?: RedisOptions }
}

export interface Pipeline {
  readonly _queue: readonly Command[]
}

/** The exports of ioredis 5 and 6: the client class, with the other classes as its properties. */
export interface IoredisModule {
  readonly default?: { readonly prototype: object }
  readonly Redis?: { readonly prototype: object }
  readonly Cluster: { readonly prototype: object }
  readonly Command: { readonly prototype: object }
  readonly Pipeline?: { readonly prototype: object }
}
