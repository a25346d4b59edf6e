/**
 * Which key space a connection leads to: `redis://localhost:6379/0`, `redis+cluster://localhost:7000,localhost:7001/0`. No secrets.
 * Redis has no identity that outlives its process, so the server itself is part of the proof: see {@link Incarnation}.
 */
import { canonicalHost } from '@dustpan/core/driver'

export interface Endpoint {
  /** A socket's path, where it begins with `/`. */
  readonly host: string
  readonly port: number
}

export interface Place {
  /** One server, or the nodes by which a cluster is found. */
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

/** Whether one of the nodes is the same server: a cluster may be found by any of its nodes. */
export function sharesNode(a: Place, b: Place): boolean {
  const addresses = new Set(a.nodes.map(addressOf))
  return a.cluster === b.cluster && b.nodes.some((node) => addresses.has(addressOf(node)))
}

/** Where a URL leads: `redis://`, `rediss://`, or `unix:/path/of/socket?db=1`. */
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
 * Which server holds the data: the id of its process, and those of its data set's history. The first changes at a restart; the others then go
 * on only where the data was loaded from disk, and a replica that takes over has its master's as the second.
 */
export interface Incarnation {
  readonly process: string
  readonly history: readonly string[]
}

/** From the sections `server` and `replication` of INFO; undefined where they tell nothing. */
export function incarnationIn(info: string): Incarnation | undefined {
  const field = (name: string) => new RegExp(`^${name}:([0-9a-f]+)\\s*$`, 'm').exec(info)?.[1]
  const process = field('run_id')
  if (process === undefined) return undefined
  const ids = [field('master_replid'), field('master_replid2')]
  return { process, history: ids.filter((id): id is string => id !== undefined && !/^0*$/.test(id)) }
}

/** On record: `<process>.<history>`. */
export function incarnationText({ process, history: [current = '-'] }: Incarnation): string {
  return `${process}.${current}`
}

/** Whether the data that a record tells of is this server's still. */
export function holdsDataOf(recorded: string, { process, history }: Incarnation): boolean {
  const [before, lineage = '-'] = recorded.split('.')
  return before === process || history.includes(lineage)
}
