import type { ClientClass, PgClient } from '../pg.ts'

const clients = new Map<string, PgClient>()

/** Keeps a captured client's connection settings, in this process only: nothing of them is written anywhere. */
export function rememberClient(store: string, client: PgClient): void {
  clients.set(store, client)
}

/** The stores on which clients were captured. */
export function capturedStores(): readonly string[] {
  return [...clients.keys()]
}

/** Another client like one that was captured on the store. */
export function clientLike(store: string): PgClient | undefined {
  const client = clients.get(store)
  if (!client) return undefined
  const { host, port, database, user, ssl, password } = client as PgClient & {
    readonly ssl?: unknown
    readonly password?: unknown
  }
  const Client = client.constructor as unknown as ClientClass
  return new Client({ host, port, database, user, ssl, password, application_name: 'dustpan' })
}
