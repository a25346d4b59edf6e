/** Structural types for the parts of `@clickhouse/client` that the driver uses, so that any copy of it fits. */
import type { Readable } from 'node:stream'
import { loadLibrary } from '@dustpan/core/driver'

export interface Library {
  createClient(config: ClientConfig): Client
  readonly ClickHouseClient: { readonly prototype: object }
}

export interface ClientConfig {
  readonly url?: string
  readonly database?: string
  readonly application?: string
  readonly log?: { readonly level: number }
}

export type Settings = { readonly [setting: string]: string | number }

export interface Client {
  exec(params: ExecParams): Promise<{ readonly stream: Readable }>
  command(params: TextParams): Promise<unknown>
  insert(params: InsertParams): Promise<{ readonly executed?: boolean }>
  close(): Promise<void>
  readonly sessionId?: string
  readonly connectionParams?: {
    readonly url?: URL
    readonly database?: string
    readonly clickhouse_settings?: Settings
  }
}

export interface TextParams {
  readonly query: string
  readonly query_params?: { readonly [name: string]: unknown }
  readonly clickhouse_settings?: Settings
  readonly session_id?: string
  readonly abort_signal?: AbortSignal
}

export interface ExecParams extends TextParams {
  readonly values?: unknown
}

export interface InsertParams {
  readonly table: string
  readonly values: unknown
  readonly format?: string
  readonly columns?: readonly string[] | { readonly except?: readonly string[] }
  readonly clickhouse_settings?: Settings
}

/** The supported versions, as in `peerDependencies`. */
export const library = { name: '@clickhouse/client', range: '^1.0.0' }

/**
 * Loads the project's own `@clickhouse/client`, otherwise the one beside this package.
 * @throws DustpanError `DUSTPAN_DRIVER_UNAVAILABLE`
 */
export function loadClickHouse(root: string): Library {
  return loadLibrary(library, root, import.meta.url) as Library
}

export function isLibrary(exports: unknown): exports is Library {
  const { createClient, ClickHouseClient } = (exports ?? {}) as Partial<Library>
  return typeof createClient === 'function' && isClient(ClickHouseClient?.prototype)
}

export function isClient(client: unknown): client is Client {
  const { insert, exec, command } = (client ?? {}) as Partial<Client>
  return [insert, exec, command].every((method) => typeof method === 'function')
}
