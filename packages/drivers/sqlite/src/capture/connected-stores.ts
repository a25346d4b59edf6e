/** The databases of one connection: the main one and the attached ones. */
import type { StoreSeen } from '@dustpan/core/driver'
import type { Client } from '../client.ts'
import { fileStore, memoryStore } from '../identity.ts'
import { type Inherited, registry } from '../registry.ts'
import { schemaVersion } from '../schema-version.ts'
import { sameName } from '../tables.ts'

export interface Connected {
  readonly schema: string
  readonly file: string
  readonly store: StoreSeen
  /** For an inherited database: tables that may have rows on record. */
  readonly tables?: readonly string[]
}

export class ConnectedStores {
  #connected: readonly Connected[] = []

  /** Re-reads the attached databases; a database keeps its identity while it is attached. */
  refresh(client: Client): void {
    this.#connected = attached(client).flatMap(({ schema, file }) => {
      const known = this.#connected.filter((one) => one.schema === schema && one.file === file)
      if (known.some(({ tables }) => !tables)) return known
      const store = storeOf(file)
      return store === undefined ? known : [{ schema, file, store }, ...known]
    })
  }

  /** Called after DETACH. Returns the detached in-memory databases, which no longer exist. */
  detached(client: Client): Connected[] {
    const left = new Set(attached(client).map(({ schema }) => schema))
    const gone = this.inMemory().filter(({ schema }) => !left.has(schema))
    this.#connected = this.#connected.filter(({ schema }) => left.has(schema))
    return gone
  }

  inherit({ schema, store, tables }: Inherited): void {
    this.#connected = [...this.#connected, { schema, file: '', store, tables }]
  }

  forget(database: Connected): void {
    this.#connected = this.#connected.filter((one) => one !== database)
  }

  of(schema: string): StoreSeen | undefined {
    return this.#connected.find((one) => sameName(one.schema, schema) && !one.tables)?.store
  }

  schemaOf(store: string): string | undefined {
    return this.#connected.find((one) => one.store.id === store)?.schema
  }

  all(): string[] {
    return this.#connected.map(({ store }) => store.id)
  }

  inMemory(): Connected[] {
    return this.#connected.filter((one) => one.store.inProcess === true)
  }
}

/** Changes whenever a table, an index or an attached database changes. */
export function schemaFingerprint(client: Client): string {
  return JSON.stringify(attached(client).map(({ schema, file }) => [schema, file, schemaVersion(client, schema)]))
}

function attached(client: Client): { schema: string; file: string }[] {
  const rows = client.all('PRAGMA database_list').filter(({ name }) => name !== 'temp')
  return rows.map((row) => ({ schema: String(row.name), file: String(row.file ?? '') }))
}

function storeOf(file: string): StoreSeen | undefined {
  if (file === '') return { id: memoryStore(++registry().memoryStores), inProcess: true }
  const id = fileStore(file)
  return id === undefined ? undefined : { id }
}
