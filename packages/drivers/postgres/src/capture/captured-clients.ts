import type { ClientClass, PgClient } from '../pg.ts'

/** How a captured client connects. */
export interface ConnectionSettings {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly ssl?: unknown
  /** Or a function that gives it. */
  readonly password?: unknown
  /** The class of a client of pg; undefined: it is another library's. */
  readonly Client?: unknown
}

const clients = new Map<string, ConnectionSettings>()

/** Keeps a captured client's connection settings, in this process only: nothing of them is written anywhere. */
export function rememberSettings(store: string, settings: ConnectionSettings): void {
  clients.set(store, settings)
}

/** The stores on which clients were captured. */
export function capturedStores(): readonly string[] {
  return [...clients.keys()]
}

/** Another client like one that was captured on the store. `load`: pg, where it was another library's. */
export function clientLike(store: string, load: () => { readonly Client: ClientClass }): PgClient | undefined {
  const settings = clients.get(store)
  if (!settings) return undefined
  const { Client = load().Client, ...how } = settings
  return new (Client as ClientClass)({ ...how, application_name: 'dustpan' })
}
