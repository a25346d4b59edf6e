/** Which database a client leads to: `mongodb://localhost:27017/shop`, `mongodb://a:27017,b:27017/shop?replicaSet=rs0`. No secrets. */
import { domainToUnicode } from 'node:url'
import { canonicalHost } from '@dustpan/core/driver'
import type { MongoClient, Topology } from './mongo.ts'

export interface Address {
  /** `host:port`, sorted; of a `mongodb+srv` address the one name that DNS tells them by. */
  readonly hosts: readonly string[]
  readonly srv: boolean
  readonly database: string
  readonly replicaSet?: string
}

const pattern = /^mongodb(\+srv)?:\/\/([^/?#]*@)?([^/?#]+)(?:\/([^?#]*))?(?:\?([^#]*))?(?:#.*)?$/i

/** A connection string or a store's id; undefined: neither. */
export function parseAddress(text: string): Address | undefined {
  const found = pattern.exec(text)
  if (!found) return undefined
  const [, srv, login, authority = '', database = '', query = ''] = found
  // What stands before an @ later on is part of a password that was not encoded: no client takes such a text.
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

/** The id of a client's database; undefined: it has not been connected. */
export function storeOf({ topology }: MongoClient, database: string): string | undefined {
  if (!topology) return undefined
  const stores = known.get(topology) ?? new Map<string, string>()
  known.set(topology, stores)
  const before = stores.get(database)
  if (before !== undefined) return before
  const { servers, setName } = topology.description
  const hosts = [...servers.keys()].map((host) => normalHost(host, false)).sort()
  const id = storeId({ hosts, srv: false, database, ...(setName ? { replicaSet: setName } : {}) })
  stores.set(database, id)
  return id
}

/** Whether both are one server or replica set: names of members may come and go, so that one in common will do. */
export function sameServer(a: Address, b: Address): boolean {
  if (a.replicaSet !== undefined && b.replicaSet !== undefined && a.replicaSet !== b.replicaSet) return false
  if (a.srv !== b.srv) return a.srv ? isUnder(b, a) : isUnder(a, b)
  return a.hosts.some((host) => b.hosts.includes(host))
}

export function sameStore(a: Address, b: Address): boolean {
  return a.database === b.database && sameServer(a, b)
}

/** DNS may only lead to hosts of the same domain: https://github.com/mongodb/specifications (initial DNS seedlist discovery). */
function isUnder({ hosts }: Address, { hosts: [name = ''] }: Address): boolean {
  const domain = name.slice(name.indexOf('.'))
  return domain.includes('.', 1) && hosts.every((host) => host.replace(/:\d+$/, '').endsWith(domain))
}

/** The same connection string, for another database of that server; who authenticates there still does so where the first one said. */
export function withDatabase(url: string, database: string): string {
  const [, head = '', path, query = ''] = /^([^/]*\/\/[^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/.exec(url) ?? []
  const asked = new URLSearchParams(query)
  if (head.includes('@') && path && !asked.has('authSource')) asked.set('authSource', decoded(path))
  const text = asked.toString()
  return `${head}/${encodeURIComponent(database)}${text === '' ? '' : `?${text}`}`
}

function normalHost(text: string, srv: boolean): string {
  const host = decoded(text).toLowerCase()
  if (host.startsWith('/')) return encodeURIComponent(host)
  const [, name = host, port] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(host) ?? []
  const known = canonicalHost(name)
  const shown = known.startsWith('[') ? known : domainToUnicode(known) || known
  return srv ? shown : `${shown}:${port ?? 27017}`
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
