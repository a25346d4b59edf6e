/** Follows a statement that drops or renames a table: what was in it, and what happens to its records. */
import type { CaptureSink, CaptureTransaction, Json, StoreSeen } from '@dustpan/core/driver'
import type { Client } from '../client.ts'
import { type Key, keyParts } from '../keys.ts'
import { rowArgs } from '../removal/spec.ts'
import { existingKeys } from '../rows.ts'
import { findTable, readTables, sameName, type Table } from '../tables.ts'
import type { ConnectedStores } from './connected-stores.ts'
import { createdSets } from './created-sets.ts'
import { certainlyNew, type ExistingRows, readExistingRows, rememberRows } from './earlier-rows.ts'
import { kind } from './recorder.ts'
import type { Remake } from './statement-text.ts'

type TransactionOf = (store: StoreSeen) => CaptureTransaction | undefined

/** A table before the statement. */
interface Before {
  readonly table: Table
  readonly store: StoreSeen
  /** Read only if the table is dropped. */
  readonly rows: ExistingRows | undefined
}

export class Remaking {
  readonly #remake: Remake
  readonly #before: readonly Before[]
  readonly #sink: CaptureSink
  readonly #client: Client

  private constructor(remake: Remake, before: readonly Before[], sink: CaptureSink, client: Client) {
    this.#remake = remake
    this.#before = before
    this.#sink = sink
    this.#client = client
  }

  /** Called before the statement runs. Undefined: no table of this name is tracked. */
  static of(remake: Remake, sink: CaptureSink, client: Client, stores: ConnectedStores): Remaking | undefined {
    const { schema, table: name, as: newName } = remake
    const isTarget = (table: Table) => isTracked(table) && (schema === undefined || sameName(table.schema, schema))
    const tables = readTables(client, name).filter(isTarget)
    if (tables.length === 0) return undefined
    stores.refresh(client)
    const before = tables.flatMap((table) => {
      const store = stores.of(table.schema)
      return store ? [{ table, store, rows: newName === undefined ? readExistingRows(client, table) : undefined }] : []
    })
    return new Remaking(remake, before, sink, client)
  }

  /** Called after the statement. A table of the same name in an attached database may still exist. */
  follow(transactionOf: TransactionOf): void {
    const left = readTables(this.#client, this.#remake.table)
    for (const one of this.#before) {
      const { table } = one
      if (findTable(left, table.schema, table.name)) continue
      if (this.#remake.as === undefined) this.#dropped(one, transactionOf)
      else this.#renamed(one, this.#remake.as, transactionOf)
    }
  }

  #dropped({ store, table, rows }: Before, transactionOf: TransactionOf): void {
    if (rows) rememberRows(this.#sink, store, table.name, rows, false)
    this.#sink.gone(store, table.name, 'all', transactionOf(store))
  }

  #renamed({ store, table: { schema, name } }: Before, newName: string, transactionOf: TransactionOf): void {
    const table = findTable(readTables(this.#client, newName), schema, newName)
    if (table === undefined) return
    rememberRows(this.#sink, store, name, readExistingRows(this.#client, table), true)
    const tx = transactionOf(store)
    const recorded = this.#sink.renamed?.(store, name, table.name, tx) ?? []
    if (recorded.some(({ isKept }) => isKept)) this.#warnOfKept(name, table.name)
    const keys = recorded.filter(({ isKept }) => !isKept).map(({ key, removal }) => keyFrom(key, removal))
    const there = existingKeys(this.#client, table, keys)
    const created = certainlyNew(this.#sink, store, table, there, true, true)
    if (created.length === 0) return
    const via = `ALTER TABLE ${name} RENAME TO ${table.name}`
    const pending = this.#sink.begin({ kind, store, type: table.name, via })
    pending?.created(createdSets(this.#client, table, created, this.#sink.marker), tx)
  }

  #warnOfKept(name: string, newName: string): void {
    this.#sink.warn(
      'DUSTPAN_SQL_UNATTRIBUTED',
      name,
      `Rows of ${name} that were kept are in ${newName} now, as the table was renamed: they are no longer on record.`,
    )
  }
}

const isTracked = ({ virtual, key }: Table): boolean => !virtual && key.length > 0

function keyFrom(json: Json, removal: Parameters<typeof rowArgs>[0] | { readonly closure: unknown } | undefined): Key {
  const args = removal !== undefined && 'op' in removal ? rowArgs(removal) : undefined
  return { json, types: args?.types ?? keyParts(json).map(() => 'plain') }
}
