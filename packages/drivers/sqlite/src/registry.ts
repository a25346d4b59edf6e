/**
 * The connections that this process captures. Shared by every copy of this package: the driver that removes rows from a database in
 * memory need not be the copy that captured it.
 */
import type { StoreSeen } from '@dustpan/core/driver'
import type { Client, Database } from './client.ts'
import { fileStore } from './identity.ts'

export interface Captured {
  readonly client: Client
  /** The name under which a store is attached to this connection. */
  schemaOf(store: string): string | undefined
  /** Takes over a database in memory that it shares with a connection which is being closed. */
  inherit?(database: Inherited): void
  /** The stores that were written to. */
  readonly stores: readonly string[]
  /** Runs Dustpan's own statements, which are not captured. */
  apart<T>(run: () => T): T
  /** Looks away from what the user does, until it is called again. */
  pause(): () => void
}

export interface Inherited {
  /** Its name in the connection that takes it over. */
  readonly schema: string
  readonly store: StoreSeen
  /** Of which rows may be on record. */
  readonly tables: readonly string[]
}

interface Registry {
  memoryStores: number
  readonly captured: Set<WeakRef<Captured>>
  /** Dustpan's own connections. */
  readonly own: WeakSet<object>
  /** Paths of files in which changed rows are to be as before: what tests' own clients change there is named in the log. */
  readonly restored: Set<string>
}

const key = Symbol.for('dustpan/sqlite/1')
const shared = globalThis as { [key]?: Registry }

export function registry(): Registry {
  return shared[key] ?? share({ memoryStores: 0, captured: new Set(), own: new WeakSet(), restored: new Set() })
}

/** Not enumerable: tests that list the globals do not find it. */
function share(value: Registry): Registry {
  Object.defineProperty(shared, key, { value, configurable: true })
  return value
}

/** Nothing that is done with the database is recorded until the function given back is called. */
export function unseen(database: Database): () => void {
  const { own } = registry()
  const wasOwn = own.has(database)
  own.add(database)
  const resume = openConnections()
    .find(({ client }) => client.database === database)
    ?.pause()
  return () => {
    if (!wasOwn) own.delete(database)
    resume?.()
  }
}

export function isOwn(database: Database): boolean {
  return registry().own.has(database)
}

/** Open connections to a store, among the captured ones. */
export function connectionsTo(store: string): Captured[] {
  return openConnections().filter((captured) => captured.schemaOf(store) !== undefined)
}

/** Captured clients that have a file open, also those that only read it so far. `id`: the file's. */
export function clientsOf(id: string): Client[] {
  return openConnections()
    .map(({ client }) => client)
    .filter((client) => filesOf(client).some((file) => fileStore(file) === id))
}

function filesOf(client: Client): string[] {
  try {
    return client.all('PRAGMA database_list').map(({ file }) => String(file ?? ''))
  } catch {
    return [] // better-sqlite3 is in the middle of an iterator
  }
}

/** The stores that captured connections are open to. */
export function openStores(): string[] {
  return [...new Set(openConnections().flatMap((captured) => captured.stores))]
}

export function openConnections(): Captured[] {
  const open: Captured[] = []
  for (const reference of registry().captured) {
    const captured = reference.deref()
    if (captured === undefined) registry().captured.delete(reference)
    else if (captured.client.isOpen) open.push(captured)
  }
  return open
}
