/** How stores are reached: by the instance's URL, or like the client that was captured in this process. */
import type { Where } from '../capture/connection.ts'
import { addressOf, type Endpoint } from '../identity.ts'
import type { Access } from '../server/server.ts'

/** What clients say of themselves, as far as it is needed. */
export interface ClientOptions {
  readonly username?: string | null
  readonly password?: string | null
  readonly tls?: boolean | object
}

interface Home {
  /** By address. */
  readonly clients: Map<string, ClientOptions>
  readonly stores: Set<string>
}

const name = Symbol.for('dustpan/redis/clients')
const home = globalThis as { [name]?: Home }

/** Shared by every copy of this package; in this process only: nothing of it is written anywhere. */
function known(): Home {
  if (!home[name])
    Object.defineProperty(home, name, { value: { clients: new Map(), stores: new Set() }, configurable: true })
  return home[name] as Home
}

export function rememberClient({ nodes }: Where, options: ClientOptions): void {
  for (const node of nodes) known().clients.set(addressOf(node), options)
}

export function rememberStore(id: string): void {
  known().stores.add(id)
}

/** The key spaces in which clients were captured. */
export function capturedStores(): readonly string[] {
  return [...known().stores]
}

/** Undefined: no client to this node was captured. */
export function accessLike(nodes: readonly Endpoint[]): Omit<Access, 'host' | 'port'> | undefined {
  const found = nodes.map((node) => known().clients.get(addressOf(node))).find((options) => options !== undefined)
  if (!found) return undefined
  const { username, password, tls } = found
  return {
    username: username ?? undefined,
    password: password ?? undefined,
    // node-redis has `tls: true` beside the options, ioredis has the options themselves.
    tls: tls === true ? found : typeof tls === 'object' ? tls : undefined,
  }
}

export function accessBy(url: string): Omit<Access, 'host' | 'port'> {
  const { protocol, username, password } = new URL(url)
  return {
    username: username === '' ? undefined : decodeURIComponent(username),
    password: password === '' ? undefined : decodeURIComponent(password),
    tls: protocol === 'rediss:' ? {} : undefined,
  }
}
