/**
 * Registry of Dustpan's own clients, which are not captured, and of captured ones, which give access to stores. Shared
 * by every copy of this package.
 */
import type { Ejson, MongoClient, MongoClientClass } from './mongo.ts'

interface Registry {
  readonly own: WeakSet<object>
  readonly captured: Map<string, Captured>
}

interface Captured {
  readonly client: MongoClient
  /** EJSON of the client's copy of the library. */
  readonly ejson: Ejson | undefined
}

const key = Symbol.for('dustpan/mongodb/1')
const shared = globalThis as { [key]?: Registry }

function registry(): Registry {
  const found = shared[key]
  if (found) return found
  const value: Registry = { own: new WeakSet(), captured: new Map() }
  Object.defineProperty(shared, key, { value, configurable: true })
  return value
}

export function isOwn(client: object): boolean {
  return registry().own.has(client)
}

export function markOwn<Client extends object>(client: Client): Client {
  registry().own.add(client)
  return client
}

/** Keeps a captured client, in this process only; it is never written to disk. */
export function rememberClient(store: string, client: MongoClient, ejson: Ejson | undefined): void {
  if (registry().captured.get(store)?.client !== client) registry().captured.set(store, { client, ejson })
}

export function capturedStores(): readonly string[] {
  return [...registry().captured.keys()]
}

/** A new client with the settings of the client that was captured on the store. */
export function copyClient(store: string, more: object): Captured | undefined {
  const { client, ejson } = registry().captured.get(store) ?? {}
  if (!client?.s?.url) return undefined
  const { credentials, ...options } = client.options ?? {}
  const { username, password, source, mechanism } = credentials ?? {}
  const login =
    username === undefined ? {} : { auth: { username, password }, authSource: source, authMechanism: mechanism }
  const copied = connectionOptions.flatMap((name) =>
    options[name] === undefined ? [] : [[name, options[name]] as const],
  )
  const Client = client.constructor as unknown as MongoClientClass
  return { client: markOwn(new Client(client.s.url, { ...Object.fromEntries(copied), ...login, ...more })), ejson }
}

/** Options that are needed to connect and may be given beside the connection string. */
const connectionOptions = [
  'tls',
  'tlsCAFile',
  'tlsCertificateKeyFile',
  'ca',
  'cert',
  'key',
  'rejectUnauthorized',
  'directConnection',
  'replicaSet',
]
