/**
 * The identity of a key space: `redis://localhost:6379/0`, `redis+cluster://localhost:7000,localhost:7001/0`. No secrets.
 * Redis has no identity that outlives its process, so the server itself is part of the proof: see {@link Incarnation}.
 */
import { canonicalHost } from '@dustpan/core/driver'

export interface Endpoint {
  /** A socket path if it starts with `/`. */
  readonly host: string
  readonly port: number
}

export interface Place {
  /** One server, or the seed nodes of a cluster. */
  readonly nodes: readonly Endpoint[]
  readonly database: number
  readonly cluster: boolean
}

const defaultPort = 6379

export function storeId({ nodes, database, cluster }: Place): string {
  const addresses = nodes.map(addressOf).sort()
  return `redis${cluster ? '+cluster' : ''}://${[...new Set(addresses)].join(',')}/${database}`
}

export function parseStoreId(id: string): Place | undefined {
  const found = /^redis(\+cluster)?:\/\/([^/]+)\/(\d+)$/.exec(id)
  if (!found) return undefined
  const [, cluster, addresses = '', database] = found
  return { nodes: addresses.split(',').map(endpointIn), database: Number(database), cluster: cluster !== undefined }
}

/** Whether both have a node in common: a cluster can be reached through any of its nodes. */
export function sharesNode(a: Place, b: Place): boolean {
  const addresses = new Set(a.nodes.map(addressOf))
  return a.cluster === b.cluster && b.nodes.some((node) => addresses.has(addressOf(node)))
}

/** The place that a URL names: `redis://`, `rediss://`, or `unix:/path/of/socket?db=1`. */
export function placeOf(url: string, cluster: boolean): Place {
  const { protocol, hostname, port, pathname, searchParams } = new URL(url)
  if (protocol === 'unix:')
    return { nodes: [{ host: pathname, port: 0 }], database: Number(searchParams.get('db') ?? 0), cluster }
  const host = decodeURIComponent(hostname).replace(/^\[(.*)\]$/, '$1')
  return {
    nodes: [{ host, port: Number(port || defaultPort) }],
    database: Number(pathname.slice(1) || (searchParams.get('db') ?? 0)),
    cluster,
  }
}

export function addressOf({ host, port }: Endpoint): string {
  if (host.startsWith('/')) return encodeURIComponent(host)
  return `${canonicalHost(host)}:${port}`
}

function endpointIn(address: string): Endpoint {
  if (address.startsWith('%2F')) return { host: decodeURIComponent(address), port: 0 }
  const at = address.lastIndexOf(':')
  return { host: address.slice(0, at).replace(/^\[(.*)\]$/, '$1'), port: Number(address.slice(at + 1)) }
}

/**
 * The server that holds the data: the id of its process, and the replication ids of its data set. A restart changes the
 * first, and keeps the others only if the data was loaded from disk; a promoted replica has its master's id as the
 * second replication id.
 */
export interface Incarnation {
  readonly process: string
  readonly history: readonly string[]
}

/** Parses the sections `server` and `replication` of INFO; undefined if they have no run id. */
export function incarnationIn(info: string): Incarnation | undefined {
  const field = (name: string) => new RegExp(`^${name}:([0-9a-f]+)\\s*$`, 'm').exec(info)?.[1]
  const process = field('run_id')
  if (process === undefined) return undefined
  const ids = [field('master_replid'), field('master_replid2')]
  return { process, history: ids.filter((id): id is string => id !== undefined && !/^0*$/.test(id)) }
}

/** The form in records: `<process>.<history>`. */
export function incarnationText({ process, history: [current = '-'] }: Incarnation): string {
  return `${process}.${current}`
}

/** Whether the server still holds the data of a recorded incarnation. */
export function holdsDataOf(recorded: string, { process, history }: Incarnation): boolean {
  const [before, lineage = '-'] = recorded.split('.')
  return before === process || history.includes(lineage)
}
