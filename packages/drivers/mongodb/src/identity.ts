/** The identity of a database: `mongodb://localhost:27017/shop`, `mongodb://a:27017,b:27017/shop?replicaSet=rs0`. No secrets. */
import { domainToUnicode } from 'node:url'
import { canonicalHost } from '@dustpan/core/driver'
import type { MongoClient, Topology } from './mongo.ts'

export interface Address {
  /** `host:port`, sorted; for `mongodb+srv`, the one name that DNS resolves. */
  readonly hosts: readonly string[]
  readonly srv: boolean
  readonly database: string
  readonly replicaSet?: string
}

const pattern = /^mongodb(\+srv)?:\/\/([^/?#]*@)?([^/?#]+)(?:\/([^?#]*))?(?:\?([^#]*))?(?:#.*)?$/i

/** Parses a connection string or store id; undefined: neither. */
export function parseAddress(text: string): Address | undefined {
  const found = pattern.exec(text)
  if (!found) return undefined
  const [, srv, login, authority = '', database = '', query = ''] = found
  // A later @ means that the password was not encoded; no client accepts such a string.
  if (login === undefined && text.includes('@')) return undefined
  const replicaSet = new URLSearchParams(query).get('replicaSet')
  const hosts = authority.split(',').map((host) => normalHost(host, srv !== undefined))
  return {
    hosts: hosts.sort(),
    srv: srv !== undefined,
    database: decoded(database) || 'test',
    ...(replicaSet ? { replicaSet } : {}),
  }
}

export function storeId({ hosts, srv, database, replicaSet }: Address): string {
  const set = replicaSet === undefined ? '' : `?replicaSet=${encodeURIComponent(replicaSet)}`
  return `mongodb${srv ? '+srv' : ''}://${hosts.join(',')}/${encodeURIComponent(database)}${set}`
}

const known = new WeakMap<Topology, Map<string, string>>()

/** The id of a client's database; undefined: the client is not connected yet. */
export function storeOf({ topology }: MongoClient, database: string): string | undefined {
  if (!topology) return undefined
  const stores = known.get(topology) ?? new Map<string, string>()
  known.set(topology, stores)
  const cached = stores.get(database)
  if (cached !== undefined) return cached
  const { servers, setName } = topology.description
  const hosts = [...servers.keys()].map((host) => normalHost(host, false)).sort()
  const id = storeId({ hosts, srv: false, database, ...(setName ? { replicaSet: setName } : {}) })
  stores.set(database, id)
  return id
}

/** Whether both are the same server or replica set. Members may change, so one in common suffices. */
export function sameServer(a: Address, b: Address): boolean {
  if (a.replicaSet !== undefined && b.replicaSet !== undefined && a.replicaSet !== b.replicaSet) return false
  if (a.srv !== b.srv) return a.srv ? isUnder(b, a) : isUnder(a, b)
  return a.hosts.some((host) => b.hosts.includes(host))
}

export function sameStore(a: Address, b: Address): boolean {
  return a.database === b.database && sameServer(a, b)
}

/** DNS may only resolve to hosts of the same domain: https://github.com/mongodb/specifications (initial DNS seedlist discovery). */
function isUnder({ hosts }: Address, { hosts: [name = ''] }: Address): boolean {
  const domain = name.slice(name.indexOf('.'))
  return domain.includes('.', 1) && hosts.every((host) => host.replace(/:\d+$/, '').endsWith(domain))
}

/** The connection string for another database of the server; authentication stays with the original database. */
export function withDatabase(url: string, database: string): string {
  const [, head = '', path, query = ''] = /^([^/]*\/\/[^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/.exec(url) ?? []
  const params = new URLSearchParams(query)
  if (head.includes('@') && path && !params.has('authSource')) params.set('authSource', decoded(path))
  const text = params.toString()
  return `${head}/${encodeURIComponent(database)}${text === '' ? '' : `?${text}`}`
}

function normalHost(text: string, srv: boolean): string {
  const host = decoded(text).toLowerCase()
  if (host.startsWith('/')) return encodeURIComponent(host)
  const [, name = host, port] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(host) ?? []
  const canonical = canonicalHost(name)
  const readable = canonical.startsWith('[') ? canonical : domainToUnicode(canonical) || canonical
  return srv ? readable : `${readable}:${port ?? 27017}`
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
