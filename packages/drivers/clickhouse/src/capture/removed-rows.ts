/**
 * Existing rows that tests of this process removed. A row that is inserted again with such a key counts as the existing
 * row, and stays.
 */
import { parseStoreId } from '../identity.ts'

/** A key as the server writes it, with its number of rows. */
export interface WrittenRow {
  readonly parts: readonly string[]
  readonly rows: number
}

interface RemovedKey {
  rows: number
  /** The number of them that were inserted again. */
  back: number
  /** They may exist for a while: a mutation runs in the background. */
  isLate: boolean
}

interface Note {
  readonly columns: readonly string[]
  readonly rows: Map<string, RemovedKey & { readonly parts: readonly string[] }>
}

/** The removed rows of one table, or of tables that exchanged their names. */
export class RemovedRows {
  /** Whether it is unknown which rows were removed. */
  isUnknown = false
  /** By key columns, which may differ after a table was created again. */
  readonly #notes = new Map<string, Note>()
  readonly #indexes = new Map<string, ReadonlyMap<string, readonly RemovedKey[]>>()

  add(columns: readonly string[], rows: readonly WrittenRow[], isLate = false): void {
    const id = textOf(columns)
    const note: Note = this.#notes.get(id) ?? { columns, rows: new Map() }
    this.#notes.set(id, note)
    this.#indexes.clear()
    for (const { parts, rows: count } of rows) {
      const known = note.rows.get(textOf(parts))
      if (known) Object.assign(known, { rows: Math.max(known.rows, count), back: 0, isLate })
      else note.rows.set(textOf(parts), { parts, rows: count, back: 0, isLate })
    }
  }

  addAll(other: RemovedRows): void {
    if (other.isUnknown) this.isUnknown = true
    for (const { columns, rows } of other.#notes.values()) this.add(columns, [...rows.values()])
  }

  has(columns: readonly string[], parts: readonly string[]): boolean {
    return this.#found(columns, parts).length > 0
  }

  /** The number of removed rows with the key. */
  count(columns: readonly string[], parts: readonly string[]): number {
    return this.#found(columns, parts).reduce((sum, { rows }) => sum + rows, 0)
  }

  /** Whether all of the inserted rows restore removed ones. `there`: the number of rows with the key before the insert. */
  putBack(columns: readonly string[], { parts, rows }: WrittenRow, there: number): boolean {
    const found = this.#found(columns, parts)
    const [removed, missing] = found.reduce(([all, left], one) => [all + one.rows, left + one.rows - one.back], [0, 0])
    const others = found.some(({ isLate }) => isLate) ? 0 : there
    if (rows + others > missing) return there === 0 && rows <= removed
    let left = rows
    for (const one of found) {
      const back = Math.min(left, one.rows - one.back)
      one.back += back
      left -= back
    }
    return true
  }

  /** Compares rows by the columns that both keys have. */
  #found(columns: readonly string[], parts: readonly string[]): readonly RemovedKey[] {
    return [...this.#notes.values()].flatMap((note) => {
      const common = columns.filter((column) => note.columns.includes(column))
      if (common.length === 0) return []
      const key = textOf(common.map((column) => parts[columns.indexOf(column)]))
      return this.#index(note, common).get(key) ?? []
    })
  }

  #index(note: Note, common: readonly string[]): ReadonlyMap<string, readonly RemovedKey[]> {
    const id = textOf([note.columns, common])
    const known = this.#indexes.get(id)
    if (known) return known
    const at = common.map((column) => note.columns.indexOf(column))
    const index = Map.groupBy(note.rows.values(), ({ parts }) => textOf(at.map((i) => parts[i])))
    this.#indexes.set(id, index)
    return index
  }
}

const textOf = (value: unknown): string => JSON.stringify(value)

export interface TableSeen {
  readonly store: string
  readonly table: string
}

const tables = new Map<string, RemovedRows>()
const databases = new Set<string>()

/** Undefined: no row was removed from the table. */
export function removedFrom({ store, table }: TableSeen): RemovedRows | undefined {
  if (tables.size === 0 && databases.size === 0) return undefined
  return databases.has(databaseName(store)) ? unknown : tables.get(tableName(store, table))
}

const unknown = Object.assign(new RemovedRows(), { isUnknown: true })

export function noteRemoved(
  { store, table }: TableSeen,
  columns: readonly string[],
  rows: readonly WrittenRow[],
  by?: 'mutation',
): void {
  if (rows.length > 0) removedRowsOf(store, table).add(columns, rows, by !== undefined)
}

export function noteUnknown({ store, table }: TableSeen): void {
  removedRowsOf(store, table).isUnknown = true
}

/** Call when rows of any table of the database may have been removed. */
export function noteUnknownDatabase(store: string): void {
  databases.add(databaseName(store))
}

/** Call when tables were renamed: rows removed under one name may be inserted again under another. */
export function noteRenamed(names: readonly TableSeen[]): void {
  const known = names.flatMap(({ store, table }) => tables.get(tableName(store, table)) ?? [])
  if (known.length === 0) return
  const all = new RemovedRows()
  for (const one of new Set(known)) all.addAll(one)
  for (const { store, table } of names) tables.set(tableName(store, table), all)
}

function removedRowsOf(store: string, table: string): RemovedRows {
  const name = tableName(store, table)
  const found = tables.get(name) ?? new RemovedRows()
  tables.set(name, found)
  return found
}

const tableName = (store: string, table: string): string => `${databaseName(store)}\n${table}`

/** Identifies a server by its uuid, if it has one, whatever its address; a database by name, even if it was created again. */
function databaseName(store: string): string {
  const { server, host, port, database } = parseStoreId(store) ?? { host: store, port: 0, database: '' }
  const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/i.exec(server ?? '')?.[0]
  return `${uuid ?? `${host}:${port}`}\n${database}`
}
