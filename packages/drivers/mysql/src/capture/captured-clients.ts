import type { ConnectionConfig } from '../mysql2.ts'

/** On connections of Dustpan's own. */
export const ownConnection = Symbol.for('dustpan/mysql/own')

const configs = new Map<string, ConnectionConfig>()

/** Keeps a captured client's connection settings, in this process only: nothing of them is written anywhere. */
export function rememberClient(store: string, config: ConnectionConfig): void {
  configs.set(store, config)
}

/** The stores on which clients were captured. */
export function capturedStores(): readonly string[] {
  return [...configs.keys()]
}

/** The settings of a connection like one that was captured on the store. */
export function configLike(store: string): ConnectionConfig | undefined {
  const config = configs.get(store)
  if (!config) return undefined
  const { host, port, socketPath, user, password, ssl, authPlugins } = config
  const all = { host, port, socketPath, user, password, ssl, authPlugins }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined && value !== false))
}
