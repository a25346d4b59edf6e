/** Facts about the server behind a client, and about its tables. */
import { type Place, placeOf, storeId } from '../identity.ts'
import type { Client, Settings } from '../library.ts'
import { nameParts } from '../sql/quote.ts'
import { type Server, serverOf } from '../sql/server.ts'
import { readTable, type Table } from '../sql/table.ts'

/** A table and its store. */
export interface Found {
  readonly table: Table
  readonly store: string
}

/** Cached tables, by database; shared by all clients of a database. */
const tablesByStore = new Map<string, Map<string, Found | Promise<Found | undefined>>>()

/** Servers on which tables were renamed. */
const serversWithRenames = new Set<string>()
const serverOfPlace = ({ host, port }: Place): string => `${host}:${port}`

export class ClientSession {
  readonly place: Place
  readonly #client: Client
  readonly #tables: Map<string, Found | Promise<Found | undefined>>
  #server: Promise<Server> | undefined
  #asynchronous: boolean | undefined

  constructor(client: Client) {
    const { url, database } = client.connectionParams ?? {}
    if (url === undefined) throw new Error('the client does not tell where it leads to')
    this.#client = client
    this.place = placeOf(url, database)
    const address = storeId(this.place)
    this.#tables = tablesByStore.get(address) ?? new Map()
    tablesByStore.set(address, this.#tables)
  }

  get server(): Promise<Server> {
    this.#server ??= serverOf(this.#client).catch((error: unknown) => {
      this.#server = undefined
      throw error
    })
    return this.#server
  }

  /** Synchronous if the table is cached. */
  table(written: string): Found | undefined | Promise<Found | undefined> {
    const known = this.#tables.get(written)
    if (known) return known
    const reading = this.#readTable(written)
    this.#tables.set(written, reading)
    const keep = (found: Found | undefined) => (found ? this.#tables.set(written, found) : this.#tables.delete(written))
    reading.then(keep, () => this.#tables.delete(written))
    return reading
  }

  /** Call when a statement has changed tables, or an insert shows that somebody else has. */
  forget(): void {
    this.#tables.clear()
  }

  /** The store of a table name, without reading the table. */
  async storeOf(written: string): Promise<{ readonly store: string; readonly name: string } | undefined> {
    const [first, second] = nameParts(written) ?? []
    if (first === undefined) return undefined
    return { store: await this.#store(second === undefined ? this.place.database : first), name: second ?? first }
  }

  /** Call when a table name was given to another table. */
  noteRename(): void {
    serversWithRenames.add(serverOfPlace(this.place))
  }

  get hasRenamed(): boolean {
    return serversWithRenames.has(serverOfPlace(this.place))
  }

  /** Whether times without a zone are read in a time zone other than the column's or the server's. */
  hasOwnZone(given: Settings = {}): boolean {
    return Boolean(given.session_timezone ?? this.#client.connectionParams?.clickhouse_settings?.session_timezone)
  }

  /** Whether an insert may return before its rows are visible. */
  isAsynchronous(given: Settings = {}): boolean {
    const own = this.#client.connectionParams?.clickhouse_settings
    const on = (name: string) => {
      const value = given[name] ?? own?.[name]
      return value === undefined ? undefined : String(value) !== '0' && String(value) !== 'false'
    }
    const waits = on('wait_for_async_insert')
    if (on('async_insert') === false || waits === true) return false
    if (on('async_insert') && waits === false) return true
    return waits === false || (this.#asynchronous ?? false)
  }

  async #readTable(written: string): Promise<Found | undefined> {
    const parts = nameParts(written)
    const [first, second] = parts ?? []
    if (first === undefined) return undefined
    const database = second === undefined ? this.place.database : first
    const server = await this.server
    this.#asynchronous ??= await neverWaits(server)
    const table = await readTable(server, database, second ?? first)
    return table && { table, store: await this.#store(database) }
  }

  async #store(database: string): Promise<string> {
    const server = await this.server
    return storeId({ ...this.place, database, server: await server.id(database) })
  }
}

/** The setting in the user's profile on the server. */
async function neverWaits(server: Server): Promise<boolean> {
  if (server.version < 2111) return false
  const names = `'async_insert', 'wait_for_async_insert'`
  const rows = await server.rows<{ name: string; value: string }>(
    `SELECT name, value FROM system.settings WHERE name IN (${names})`,
  )
  const on = (name: string) => rows.find((row) => row.name === name)?.value !== '0'
  return rows.length === 2 && on('async_insert') && !on('wait_for_async_insert')
}

const sessions = new WeakMap<Client, ClientSession>()
const remembered = new Map<string, WeakRef<Client>>()

/** @throws Error for a client without a URL. */
export function sessionOf(client: Client): ClientSession {
  const known = sessions.get(client)
  if (known) return known
  const session = new ClientSession(client)
  sessions.set(client, session)
  remembered.set(storeId(session.place), new WeakRef(client))
  return session
}

/** A captured client of the server, preferably of the database; for a driver without a URL. */
export function clientAt({ host, port, database }: Place): Client | undefined {
  const exact = remembered.get(storeId({ host, port, database }))?.deref()
  if (exact) return exact
  const server = storeId({ host, port, database: '' })
  const others = [...remembered].filter(([id]) => id.startsWith(server))
  return others.map(([, reference]) => reference.deref()).find((client) => client !== undefined)
}

/** The databases of captured clients. */
export function capturedPlaces(): readonly Place[] {
  return [...remembered.values()].flatMap((reference) => {
    const client = reference.deref()
    return client ? [sessionOf(client).place] : []
  })
}
