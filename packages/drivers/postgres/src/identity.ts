/**
 * The identity of the database behind a connection: `postgres://localhost:5432/shop#<system identifier>.<database oid>`. No
 * secrets.
 */
import { canonicalHost, identityOfSeen } from '@dustpan/core/driver'

export interface Endpoint {
  readonly host: string
  readonly port: number
  readonly database: string
}

/** Identifies the server that answered, where the role may ask; `-` where it may not. */
export interface ServerIdentity {
  readonly system: string
  readonly databaseOid: string
}

export function storeId(endpoint: Endpoint, server: ServerIdentity): string {
  return `${endpointId(endpoint)}#${server.system}.${server.databaseOid}`
}

/** The part of the id that is known without a connection. */
export function endpointId({ host, port, database }: Endpoint): string {
  return `postgres://${canonicalHost(host)}:${port}/${encodeURIComponent(database)}`
}

export function parseStoreId(id: string): (Endpoint & Partial<ServerIdentity>) | undefined {
  const found = /^postgres:\/\/(\[[^\]]+\]|[^:/]+):(\d+)\/([^#]*)(?:#([^.]+)\.(\d+))?$/.exec(id)
  if (!found) return undefined
  const [, host = '', port, database = '', system, databaseOid] = found
  return {
    host,
    port: Number(port),
    database: decodeURIComponent(database),
    ...(system === undefined || databaseOid === undefined ? {} : { system, databaseOid }),
  }
}

/** The database itself, whatever its address; undefined when the id has no server identity. */
export function databaseOf(id: string): string | undefined {
  const { system = '-', databaseOid } = parseStoreId(id) ?? {}
  return system === '-' ? undefined : `postgres#${system}.${databaseOid}`
}

/** The same, falling back to the id. */
export const databaseSeen = identityOfSeen(databaseOf)

/**
 * Whether two stores are the same, as far as both are identified: a system identifier that could not be read is not
 * compared.
 */
export function sameStore(recorded: string, answering: string): boolean {
  const [a, b] = [parseStoreId(recorded), parseStoreId(answering)]
  if (!a || !b || !sameServer(a, b) || a.database !== b.database) return false
  if (a.databaseOid === undefined || b.databaseOid === undefined) return true
  return a.databaseOid === b.databaseOid && (a.system === b.system || a.system === '-' || b.system === '-')
}

export function sameServer(a: Endpoint, b: Endpoint): boolean {
  return canonicalHost(a.host) === canonicalHost(b.host) && a.port === b.port
}

/** The endpoint of a connection string, by the rules of `pg`: the parameters of the URL, then PGHOST and the like. */
export function endpointOf(url: string): Endpoint {
  const parsed = new URL(url)
  const user = decodeURIComponent(parsed.username) || process.env.PGUSER || ''
  return {
    host: parsed.searchParams.get('host') ?? (decodeURIComponent(parsed.hostname) || process.env.PGHOST || 'localhost'),
    port: Number(parsed.searchParams.get('port') ?? (parsed.port || process.env.PGPORT || 5432)),
    database: decodeURIComponent(parsed.pathname.slice(1)) || process.env.PGDATABASE || user,
  }
}

/** The same connection string for another database on that server. */
export function withDatabase(url: string, database: string): string {
  const parsed = new URL(url)
  parsed.pathname = `/${encodeURIComponent(database)}`
  return parsed.href
}
