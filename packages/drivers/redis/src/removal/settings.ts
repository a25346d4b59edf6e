/** Access to stores: from the instance's URL, or from a client that was captured in this process. */
import type { ServerLocation } from '../capture/connection.ts'
import { addressOf, type Endpoint } from '../identity.ts'
import type { Access } from '../server/server.ts'

/** The options of a client that are needed to connect like it. */
export interface ClientOptions {
  readonly username?: string | null
  readonly password?: string | null
  readonly tls?: boolean | object
}

interface Registry {
  /** By address. */
  readonly clients: Map<string, ClientOptions>
  readonly stores: Set<string>
}

const name = Symbol.for('dustpan/redis/clients')
const home = globalThis as { [name]?: Registry }

/** Shared by every copy of this package, in this process only; it is never written to disk. */
function registry(): Registry {
  if (!home[name])
    Object.defineProperty(home, name, { value: { clients: new Map(), stores: new Set() }, configurable: true })
  return home[name] as Registry
}

export function rememberClient({ nodes }: ServerLocation, options: ClientOptions): void {
  for (const node of nodes) registry().clients.set(addressOf(node), options)
}

export function rememberStore(id: string): void {
  registry().stores.add(id)
}

/** The key spaces in which clients were captured. */
export function capturedStores(): readonly string[] {
  return [...registry().stores]
}

/** Undefined: no client to this node was captured. */
export function accessOfClient(nodes: readonly Endpoint[]): Omit<Access, 'host' | 'port'> | undefined {
  const found = nodes.map((node) => registry().clients.get(addressOf(node))).find((options) => options !== undefined)
  if (!found) return undefined
  const { username, password, tls } = found
  return {
    username: username ?? undefined,
    password: password ?? undefined,
    // node-redis has `tls: true` beside the TLS options, ioredis has the options in `tls`.
    tls: tls === true ? found : typeof tls === 'object' ? tls : undefined,
  }
}

export function accessFromUrl(url: string): Omit<Access, 'host' | 'port'> {
  const { protocol, username, password } = new URL(url)
  return {
    username: username === '' ? undefined : decodeURIComponent(username),
    password: password === '' ? undefined : decodeURIComponent(password),
    tls: protocol === 'rediss:' ? {} : undefined,
  }
}
