/** Identifies the database of a connection: `mysql://localhost:3306/shop#<the server's own id>`. Contains no secrets. */
import { canonicalHost, identityOfSeen } from '@dustpan/core/driver'

export interface Endpoint {
  readonly host: string
  readonly port: number
  /** Empty: none is selected. */
  readonly database: string
}

export function storeId(endpoint: Endpoint, server: string): string {
  return `${endpointId(endpoint)}#${encodeURIComponent(server)}`
}

/** The store id without the server's identity, which only a connection can tell. */
export function endpointId({ host, port, database }: Endpoint): string {
  return `mysql://${canonicalHost(host)}:${port}/${encodeURIComponent(database)}`
}

export function parseStoreId(id: string): (Endpoint & { readonly server?: string }) | undefined {
  const found = /^mysql:\/\/(\[[^\]]+\]|[^:/]+):(\d+)\/([^#]*)(?:#(.*))?$/.exec(id)
  if (!found) return undefined
  const [, host = '', port, database = '', server] = found
  const endpoint = { host, port: Number(port), database: decodeURIComponent(database) }
  return server === undefined ? endpoint : { ...endpoint, server: decodeURIComponent(server) }
}

/** The database itself, independent of its address; undefined: the id does not contain the server's identity. */
export function databaseOf(id: string): string | undefined {
  const { server = '', database } = parseStoreId(id) ?? {}
  const [own = ''] = server.split('@')
  return own === '' || own === '-' ? undefined : `mysql#${own}/${database}`
}

/** The database's identity, or else the id. */
export const databaseSeen = identityOfSeen(databaseOf)

/** The server's identity, independent of the selected database. */
export const serverSeen = identityOfSeen((id) => {
  const { server = '', host, port } = parseStoreId(id) ?? {}
  const [own = ''] = server.split('@')
  if (own !== '' && own !== '-') return `mysql#${own}`
  return host === undefined ? undefined : `mysql://${host}:${port}`
})

/** Whether two stores are the same, as far as both are known. */
export function sameStore(recorded: string, answering: string): boolean {
  const [a, b] = [parseStoreId(recorded), parseStoreId(answering)]
  if (!a || !b || !sameServer(a, b) || a.database !== b.database) return false
  return a.server === undefined || b.server === undefined || sameIdentity(a.server, b.server)
}

/** `<server_uuid or server_uid>@<creation time of its own tables>`; `-` for what the user may not see. */
function sameIdentity(a: string, b: string): boolean {
  const [ours, theirs] = [a.split('@'), b.split('@')]
  return ours.every((part, index) => part === theirs[index] || part === '-' || theirs[index] === '-')
}

export function sameServer(a: Endpoint, b: Endpoint): boolean {
  return canonicalHost(a.host) === canonicalHost(b.host) && a.port === b.port
}

export function endpointOf(url: string): Endpoint {
  const parsed = new URL(url)
  return {
    host: decodeURIComponent(parsed.hostname) || 'localhost',
    port: Number(parsed.port || 3306),
    database: decodeURIComponent(parsed.pathname.slice(1)),
  }
}
