/** The identity of a database: `clickhouse://localhost:8123/shop#<the server's id>`. No secrets. */
import { canonicalHost } from '@dustpan/core/driver'

export interface Place {
  readonly host: string
  readonly port: number
  readonly database: string
  /** The server's uuid, or its own host name if it has none; absent if the server was not queried. */
  readonly server?: string
}

export function storeId({ host, port, database, server }: Place): string {
  const base = `clickhouse://${canonicalHost(host)}:${port}/${encodeURIComponent(database)}`
  return server === undefined ? base : `${base}#${encodeURIComponent(server)}`
}

export function parseStoreId(id: string): Place | undefined {
  const found = /^clickhouse:\/\/(\[[^\]]+\]|[^:/]+):(\d+)\/([^#]*)(?:#(.+))?$/.exec(id)
  if (!found) return undefined
  const [, host = '', port, database = '', server] = found
  return {
    ...{ host, port: Number(port), database: decodeURIComponent(database) },
    ...(server === undefined ? {} : { server: decodeURIComponent(server) }),
  }
}

export function sameAddress(a: Place, b: Place): boolean {
  return canonicalHost(a.host) === canonicalHost(b.host) && a.port === b.port
}

/** Compares the servers only if the recorded store names one. */
export function sameStore(recorded: Place, answering: Place): boolean {
  const sameServer = recorded.server === undefined || recorded.server === answering.server
  return sameAddress(recorded, answering) && recorded.database === answering.database && sameServer
}

/** The place that a URL names, by the rules of `@clickhouse/client`. */
export function placeOf(url: string | URL, database?: string): Place {
  const { protocol, hostname, port, pathname } = new URL(url)
  const defaultPort = protocol === 'https:' ? 443 : 80
  return { host: hostname, port: Number(port) || defaultPort, database: database || pathname.slice(1) || 'default' }
}
