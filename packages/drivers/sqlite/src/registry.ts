/**
 * The connections that this process captures. Shared by every copy of this package: the driver that removes rows from a database in
 * memory need not be the copy that captured it.
 */
import type { Client, Database } from './client.ts'

export interface Captured {
  readonly client: Client
  /** The name under which a store is attached to this connection. */
  schemaOf(store: string): string | undefined
  /** The stores that were written to. */
  readonly stores: readonly string[]
  /** Runs Dustpan's own statements, which are not captured. */
  apart<T>(run: () => T): T
  /** Looks away from what the user does, until it is called again. */
  pause(): () => void
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

/** The stores that captured connections are open to. */
export function openStores(): string[] {
  return [...new Set(openConnections().flatMap((captured) => captured.stores))]
}

function openConnections(): Captured[] {
  const open: Captured[] = []
  for (const reference of registry().captured) {
    const captured = reference.deref()
    if (captured === undefined) registry().captured.delete(reference)
    else if (captured.client.isOpen) open.push(captured)
  }
  return open
}
