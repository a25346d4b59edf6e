import type { ClientClass, PgClient } from '../pg.ts'

/** How a captured client connects. */
export interface ConnectionSettings {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly ssl?: unknown
  /** The password, or a function that returns it. */
  readonly password?: unknown
  /** The client class for a client of `pg`; undefined for another library. */
  readonly Client?: unknown
}

const clients = new Map<string, ConnectionSettings>()

/** Keeps the connection settings of a captured client, in memory only: they are never written anywhere. */
export function rememberSettings(store: string, settings: ConnectionSettings): void {
  clients.set(store, settings)
}

/** The stores of captured clients. */
export function capturedStores(): readonly string[] {
  return [...clients.keys()]
}

/** Creates a client like one that was captured on the store. `load` loads `pg` if that client was another library's. */
export function clientLike(store: string, load: () => { readonly Client: ClientClass }): PgClient | undefined {
  const settings = clients.get(store)
  if (!settings) return undefined
  const { Client = load().Client, ...how } = settings
  return new (Client as ClientClass)({ ...how, application_name: 'dustpan' })
}
