/**
 * The connections captured in this process. Shared by all copies of this package: the driver that removes rows from an in-memory
 * database is not necessarily the copy that captured it.
 */
import type { StoreSeen } from '@dustpan/core/driver'
import { type Client, type Database, type Library, libraryOf } from './client.ts'
import { fileStore, realPath } from './identity.ts'

export interface Captured {
  readonly client: Client
  /** The schema name under which a store is attached to this connection. */
  schemaOf(store: string): string | undefined
  /** Takes over an in-memory database that it shares with a connection which is being closed. */
  inherit?(database: Inherited): void
  /** The stores that were written to. */
  readonly stores: readonly string[]
  /** Runs Dustpan's own statements without capturing them. */
  apart<T>(run: () => T): T
  /** Pauses capture until the returned function is called. */
  pause(): () => void
}

export interface Inherited {
  /** Its schema name in the connection that takes it over. */
  readonly schema: string
  readonly store: StoreSeen
  /** Tables that may have rows on record. */
  readonly tables: readonly string[]
}

interface Registry {
  memoryStores: number
  readonly captured: Set<WeakRef<Captured>>
  /** Dustpan's own connections. */
  readonly own: WeakSet<object>
  /** Paths of files whose changed rows are restored: the log attributes what tests' own clients change there. */
  readonly restored: Set<string>
  /** By the path of a file: the library that last opened it, also after its connections are closed. */
  readonly libraries: Map<string, WeakRef<Library>>
}

const key = Symbol.for('dustpan/sqlite/1')
const shared = globalThis as { [key]?: Registry }

export function registry(): Registry {
  return (
    shared[key] ??
    share({
      memoryStores: 0,
      captured: new Set(),
      own: new WeakSet(),
      restored: new Set(),
      libraries: new Map(),
    })
  )
}

/** Not enumerable, so that tests that list the globals do not find it. */
function share(value: Registry): Registry {
  Object.defineProperty(shared, key, { value, configurable: true })
  return value
}

/** Stops recording what is done with the database until the returned function is called. */
export function pauseCapture(database: Database): () => void {
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

/** Open captured connections to a store. */
export function connectionsTo(store: string): Captured[] {
  return openConnections().filter((captured) => captured.schemaOf(store) !== undefined)
}

/** Captured clients that have the file open: first those that have written to it, then all. */
export function clientsAt(path: string): Client[] {
  const id = fileStore(path) ?? ''
  const others = openConnections().filter(({ client }) => filesOf(client).some((file) => fileStore(file) === id))
  return [...connectionsTo(id), ...others].map(({ client }) => client)
}

/** Remembers the library of a captured client for its files. */
export function rememberLibrary(client: Client): void {
  const library = new WeakRef(libraryOf(client.database))
  for (const file of filesOf(client)) if (file !== '') registry().libraries.set(realPath('', file), library)
}

/** The library of the file's captured clients, also if they are closed. */
export function libraryUsedFor(path: string): Library | undefined {
  return registry().libraries.get(realPath('', path))?.deref()
}

function filesOf(client: Client): string[] {
  try {
    return client.all('PRAGMA database_list').map(({ file }) => String(file ?? ''))
  } catch {
    return [] // better-sqlite3 is in the middle of an iterator
  }
}

/** The stores that captured connections have open. */
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
