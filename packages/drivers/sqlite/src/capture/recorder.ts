/** Reports what one statement did to the sink. */
import type { CaptureSink, CreatedSet, KnownResource, PendingCreate, StoreSeen } from '@dustpan/core/driver'
import type { Client } from '../client.ts'
import type { Key } from '../keys.ts'
import { rowArgs } from '../removal/spec.ts'
import { existingKeys, found, keysParameter, type Lookup } from '../rows.ts'
import type { Table } from '../tables.ts'
import { isIgnored } from './capture-rules.ts'
import type { ConnectedStores } from './connected-stores.ts'
import { createdSets } from './created-sets.ts'
import { certainlyNew } from './earlier-rows.ts'
import { netChanges, type ObservedEvent, type TableChange } from './net-changes.ts'
import type { OpenTransaction } from './transaction.ts'

export const kind = '@dustpan/sqlite'

/** An announcement of a create before it runs. */
export interface Draft {
  readonly kind: string
  readonly store: StoreSeen
  readonly type: string
  readonly via: string
}

/** An announced create and its store. */
export interface Announced {
  readonly store: StoreSeen
  readonly pending: PendingCreate
}

export interface Statement {
  readonly seen: readonly ObservedEvent[]
  readonly announced: Announced | undefined
  readonly failed: boolean
  /** It may have replaced other rows without firing a trigger for them. */
  readonly replaces: boolean
  /** Tables in which it may have done so without firing any trigger. */
  readonly silently: readonly Table[]
  readonly transaction: OpenTransaction | undefined
  /** Its rows may be copies of other rows. */
  readonly copies: boolean
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
    const changes = this.#changesOf(statement).map((change) => this.#withoutEarlier(change, statement.copies))
    if (statement.transaction !== undefined) this.#beginBatch(statement.transaction, statement.seen, changes)
    this.#recordGone(changes, statement.transaction)
    this.#recordCreated(statement, changes)
    for (const { table, hasNullKey } of changes) if (hasNullKey) this.#warnOfNullKeys(table)
  }

  #beginBatch(transaction: OpenTransaction, seen: readonly ObservedEvent[], changes: readonly StoreChange[]): void {
    const mark = seen.find((event) => event.mark !== undefined)?.mark
    const stores = changes.filter(({ created, gone }) => created.length + gone.length > 0).map(({ store }) => store)
    if (mark !== undefined) transaction.begin(mark, stores)
  }

  #recordGone(changes: readonly StoreChange[], transaction: OpenTransaction | undefined): void {
    for (const { store, table, gone } of changes) {
      const keys = gone.map((key) => key.json)
      if (keys.length > 0) this.#sink.removed(store, table.name, keys, transaction?.of(store))
    }
  }

  #changesOf({ seen, replaces, silently }: Statement): StoreChange[] {
    const observed = netChanges(seen, (table, key) => this.#isTracked(table, key))
    const silent = silently.filter((table) => !observed.some((change) => change.table === table)).map(unchanged)
    return [...observed, ...silent].flatMap((change) => {
      const store = this.#stores.of(change.table.schema)
      if (store === undefined) return []
      if (!replaces) return [{ ...change, store }]
      const gone = [...change.gone, ...this.#replaced(change.table, store)]
      const { table, created: keys } = change
      const created = seen.length > 1 ? existingKeys(this.#client, table, keys) : keys
      return [{ ...change, created, gone, store }]
    })
  }

  #recordCreated({ announced, failed, seen, transaction }: Statement, changes: readonly StoreChange[]): void {
    const sets = new Map<string, { store: StoreSeen; sets: CreatedSet[] }>()
    for (const { store, table, created } of changes) {
      if (created.length === 0) continue
      const storeSets = sets.get(store.id) ?? { store, sets: [] }
      storeSets.sets.push(...createdSets(this.#client, table, created, this.#sink.marker))
      sets.set(store.id, storeSets)
    }
    for (const { store, sets: storeSets } of sets.values()) {
      const pending = store.id === announced?.store.id ? announced.pending : this.#begin(store, storeSets)
      pending?.created(storeSets, transaction?.of(store))
    }
    if (announced === undefined || sets.has(announced.store.id)) return
    const updated = seen.some(({ event }) => event === 'existed')
    announced.pending.none(failed ? 'rejected' : updated ? 'updated-existing' : 'not-a-creation')
  }

  #withoutEarlier(change: StoreChange, copies: boolean): StoreChange {
    const { store, table, created } = change
    if (created.length > 0 && isIgnored(store, table.name)) return { ...change, created: [], hasNullKey: false }
    const certain = certainlyNew(this.#sink, store, table, created, copies)
    return certain === created ? change : { ...change, created: certain }
  }

  /** Announces rows that a statement created although its text does not show it: by a trigger, or in another database. */
  #begin(store: StoreSeen, [first]: readonly CreatedSet[]): PendingCreate | undefined {
    return this.#sink.begin({ kind, store, type: first?.type ?? 'rows', via: 'SQL' })
  }

  #isTracked(table: Table, key: Key): boolean {
    const keyJson = JSON.stringify(key.json)
    const known = this.#known(table, this.#stores.of(table.schema))
    return known.some((one) => JSON.stringify(one.key) === keyJson)
  }

  /** Known rows that REPLACE has deleted. */
  #replaced(table: Table, store: StoreSeen): Key[] {
    const known = this.#known(table, store).filter((one) => isPlain(one.removal, table))
    if (known.length === 0) return []
    const lookup: Lookup = { table, columns: table.key, types: [], match: [] }
    const targets = known.map(({ key }) => ({ key, proof: { strength: 'key-only' } as const }))
    const rows = this.#client.all(`SELECT j.key AS i FROM ${found(lookup, '?', false)}`, keysParameter(lookup, targets))
    const left = new Set(rows.map((row) => Number(row.i)))
    return known.filter((_, i) => !left.has(i)).map(({ key }) => ({ json: key, types: [] }))
  }

  #known(table: Table, store: StoreSeen | undefined): KnownResource[] {
    return [...this.#sink.known()].filter((one) => one.type === table.name && one.store.id === store?.id)
  }

  #warnOfNullKeys(table: Table): void {
    this.#sink.warn(
      'DUSTPAN_SQL_UNATTRIBUTED',
      table.name,
      `Rows with NULL in the primary key (${table.key.join(', ')}) were inserted into ${table.name}; they cannot be told apart and are not tracked.`,
    )
  }
}

function unchanged(table: Table): TableChange {
  return { table, created: [], gone: [], updated: false, hasNullKey: false }
}

/** Whether a row was recorded by the table's key, in values whose JSON is unambiguous. */
function isPlain(removal: KnownResource['removal'], table: Table): boolean {
  const args = removal !== undefined && 'op' in removal ? rowArgs(removal) : undefined
  return args !== undefined && args.types === undefined && args.columns?.join() === table.key.join()
}
