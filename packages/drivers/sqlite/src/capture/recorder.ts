/** Tells the sink what one statement did. */
import type { CaptureSink, CreatedSet, PendingCreate, StoreSeen } from '@dustpan/core/driver'
import type { Client } from '../client.ts'
import { type Key, keyParts } from '../keys.ts'
import { found, keysParameter, type Lookup } from '../rows.ts'
import type { Table } from '../tables.ts'
import type { ConnectedStores } from './connected-stores.ts'
import { createdSets } from './created-sets.ts'
import { netChanges, type Sighting, type TableChange } from './net-changes.ts'
import type { OpenTransaction } from './transaction.ts'

export const kind = '@dustpan/sqlite'

/** A create that was announced, and where. */
export interface Announced {
  readonly store: StoreSeen
  readonly pending: PendingCreate
}

export interface Statement {
  readonly seen: readonly Sighting[]
  readonly announced: Announced | undefined
  readonly failed: boolean
  /** It may have taken other rows' places without a trigger that says so. */
  readonly replaces: boolean
  readonly transaction: OpenTransaction | undefined
}

interface StoreChange extends TableChange {
  readonly store: StoreSeen
}

export class Recorder {
  readonly #sink: CaptureSink
  readonly #client: Client
  readonly #stores: ConnectedStores

  constructor(sink: CaptureSink, client: Client, stores: ConnectedStores) {
    this.#sink = sink
    this.#client = client
    this.#stores = stores
  }

  record(statement: Statement): void {
    const changes = this.#changesOf(statement)
    const { transaction } = statement
    const mark = statement.seen.find((sighting) => sighting.mark !== undefined)?.mark
    if (mark !== undefined)
      transaction?.begin(
        mark,
        changes.filter(isAnything).map(({ store }) => store),
      )
    for (const { store, table, gone } of changes) {
      if (gone.length > 0)
        this.#sink.gone(
          store,
          table.name,
          gone.map((key) => key.json),
          transaction?.of(store),
        )
    }
    this.#recordCreated(statement, changes)
    for (const { table } of changes.filter(({ nameless }) => nameless)) this.#warnOfNameless(table)
  }

  #changesOf({ seen, replaces }: Statement): StoreChange[] {
    const changes = netChanges(seen, (table, key) => this.#isOurs(table, key))
    return changes.flatMap((change) => {
      const store = this.#stores.of(change.table.schema)
      if (store === undefined) return []
      const gone = replaces ? [...change.gone, ...this.#replaced(change.table, store)] : change.gone
      return [{ ...change, gone, store }]
    })
  }

  #recordCreated({ announced, failed, seen, transaction }: Statement, changes: readonly StoreChange[]): void {
    const sets = new Map<string, { store: StoreSeen; sets: CreatedSet[] }>()
    for (const { store, table, created } of changes.filter((change) => change.created.length > 0)) {
      const ofStore = sets.get(store.id) ?? { store, sets: [] }
      ofStore.sets.push(...createdSets(this.#client, table, created))
      sets.set(store.id, ofStore)
    }
    for (const { store, sets: ofStore } of sets.values()) {
      const pending = store.id === announced?.store.id ? announced.pending : this.#begin(store, ofStore)
      pending?.created(ofStore, transaction?.of(store))
    }
    if (announced === undefined || sets.has(announced.store.id)) return
    const updated = seen.some(({ sight }) => sight === 'existed')
    announced.pending.none(failed ? 'rejected' : updated ? 'updated-existing' : 'not-a-creation')
  }

  /** Rows that a statement created beside what its text says: by a trigger, or in another database. */
  #begin(store: StoreSeen, [first]: readonly CreatedSet[]): PendingCreate | undefined {
    return this.#sink.begin({ kind, store, type: first?.type ?? 'rows', via: 'SQL' })
  }

  #isOurs(table: Table, key: Key): boolean {
    const wanted = JSON.stringify(key.json)
    return this.#knownKeys(table, this.#stores.of(table.schema)).some((known) => JSON.stringify(known) === wanted)
  }

  /** Known rows that REPLACE has deleted. */
  #replaced(table: Table, store: StoreSeen): Key[] {
    const keys = this.#knownKeys(table, store).filter((key) => keyParts(key).length === table.key.length)
    if (keys.length === 0) return []
    const lookup: Lookup = { table, columns: table.key, types: [], match: [] }
    const targets = keys.map((key) => ({ key, proof: { strength: 'key-only' } as const }))
    const rows = this.#client.all(`SELECT j.key AS i FROM ${found(lookup, '?', false)}`, keysParameter(lookup, targets))
    const left = new Set(rows.map((row) => Number(row.i)))
    return keys.filter((_, i) => !left.has(i)).map((json) => ({ json, types: [] }))
  }

  #knownKeys(table: Table, store: StoreSeen | undefined) {
    const known = [...this.#sink.known()].filter((one) => one.type === table.name && one.store.id === store?.id)
    return known.map((one) => one.key)
  }

  #warnOfNameless(table: Table): void {
    this.#sink.warn(
      'DUSTPAN_SQL_UNATTRIBUTED',
      table.name,
      `Rows with NULL in the primary key (${table.key.join(', ')}) were inserted into ${table.name}; they cannot be told apart and are not tracked.`,
    )
  }
}

function isAnything({ created, gone }: StoreChange): boolean {
  return created.length > 0 || gone.length > 0
}
