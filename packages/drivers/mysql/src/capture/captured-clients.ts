import type { ConnectionConfig } from '../mysql2.ts'

/** Property that marks Dustpan's own connections. */
export const ownConnection = Symbol.for('dustpan/mysql/own')

const configs = new Map<string, ConnectionConfig>()

/** Keeps a captured client's connection settings, in this process only: they are never written anywhere. */
export function rememberClient(store: string, config: ConnectionConfig): void {
  configs.set(store, config)
}

/** The stores of captured clients. */
export function capturedStores(): readonly string[] {
  return [...configs.keys()]
}

/** The connection settings of a client that was captured on the store. */
export function configLike(store: string): ConnectionConfig | undefined {
  const config = configs.get(store)
  if (!config) return undefined
  const { host, port, socketPath, user, password, ssl, authPlugins } = config
  const all = { host, port, socketPath, user, password, ssl, authPlugins }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined && value !== false))
}
