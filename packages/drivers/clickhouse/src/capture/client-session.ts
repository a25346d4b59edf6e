/** What is known of the server behind a client, and of its tables. */
import { type Place, placeOf, storeId } from '../identity.ts'
import type { Client, Settings } from '../library.ts'
import { nameParts } from '../sql/quote.ts'
import { type Server, serverOf } from '../sql/server.ts'
import { readTable, type Table } from '../sql/table.ts'

/** A table that was named, where it lives. */
export interface Found {
  readonly table: Table
  readonly store: string
}

/** Clients that lead to one database share what they learn. */
const learnt = new Map<string, Map<string, Found | Promise<Found | undefined>>>()

/** Servers on which tables have changed their names. */
const renaming = new Set<string>()
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
    this.#tables = learnt.get(address) ?? new Map()
    learnt.set(address, this.#tables)
  }

  get server(): Promise<Server> {
    this.#server ??= serverOf(this.#client).catch((error: unknown) => {
      this.#server = undefined
      throw error
    })
    return this.#server
  }

  /** At once, where it was looked at before. */
  table(written: string): Found | undefined | Promise<Found | undefined> {
    const known = this.#tables.get(written)
    if (known) return known
    const asked = this.#look(written)
    this.#tables.set(written, asked)
    const keep = (found: Found | undefined) => (found ? this.#tables.set(written, found) : this.#tables.delete(written))
    asked.then(keep, () => this.#tables.delete(written))
    return asked
  }

  /** A statement has changed tables, or an insert shows that somebody else did. */
  forget(): void {
    this.#tables.clear()
  }

  /** The store that a name is in, without asking anybody about the table. */
  async storeOf(written: string): Promise<{ readonly store: string; readonly name: string } | undefined> {
    const [first, second] = nameParts(written) ?? []
    if (first === undefined) return undefined
    return { store: await this.#store(second === undefined ? this.place.database : first), name: second ?? first }
  }

  /** A name was given to another table. */
  sawRenaming(): void {
    renaming.add(serverOfPlace(this.place))
  }

  get hasRenamed(): boolean {
    return renaming.has(serverOfPlace(this.place))
  }

  /** Whether texts are read in another time zone than the column's or the server's. */
  hasOwnZone(given: Settings = {}): boolean {
    return Boolean(given.session_timezone ?? this.#client.connectionParams?.clickhouse_settings?.session_timezone)
  }

  /** Whether an insert is answered before its rows can be seen. */
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

  async #look(written: string): Promise<Found | undefined> {
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

/** What the user's profile says. */
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

/** @throws Error for a client that does not tell where it leads to. */
export function sessionOf(client: Client): ClientSession {
  const known = sessions.get(client)
  if (known) return known
  const session = new ClientSession(client)
  sessions.set(client, session)
  remembered.set(storeId(session.place), new WeakRef(client))
  return session
}

/** A captured client of that server, for a driver that has no URL; if there is one, of that database. */
export function clientAt({ host, port, database }: Place): Client | undefined {
  const exact = remembered.get(storeId({ host, port, database }))?.deref()
  if (exact) return exact
  const server = storeId({ host, port, database: '' })
  const others = [...remembered].filter(([id]) => id.startsWith(server))
  return others.map(([, reference]) => reference.deref()).find((client) => client !== undefined)
}

/** The databases that captured clients lead to. */
export function capturedPlaces(): readonly Place[] {
  return [...remembered.values()].flatMap((reference) => {
    const client = reference.deref()
    return client ? [sessionOf(client).place] : []
  })
}
