/**
 * Existing rows that tests of this process removed. A row that is inserted again under the key of one is that row, and stays: no test created it.
 */
import { parseStoreId } from '../identity.ts'

/** A key as the server writes it, and how many rows had it. */
export interface WrittenRow {
  readonly parts: readonly string[]
  readonly rows: number
}

interface Taken {
  rows: number
  /** How many of them were inserted again. */
  back: number
  /** They may be there for a while: a mutation takes its time. */
  isLate: boolean
}

interface Note {
  readonly columns: readonly string[]
  readonly rows: Map<string, Taken & { readonly parts: readonly string[] }>
}

/** Of one table, or of tables that exchanged their names. */
export class TakenRows {
  /** The rows that went are not known. */
  isUnknown = false
  /** By the columns that tell rows apart: a table may be created again with others. */
  readonly #notes = new Map<string, Note>()
  readonly #indexes = new Map<string, ReadonlyMap<string, readonly Taken[]>>()

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

  addAll(other: TakenRows): void {
    if (other.isUnknown) this.isUnknown = true
    for (const { columns, rows } of other.#notes.values()) this.add(columns, [...rows.values()])
  }

  has(columns: readonly string[], parts: readonly string[]): boolean {
    return this.#found(columns, parts).length > 0
  }

  /** How many rows with that key were removed. */
  count(columns: readonly string[], parts: readonly string[]): number {
    return this.#found(columns, parts).reduce((sum, { rows }) => sum + rows, 0)
  }

  /** Whether all of the inserted rows are rows that were removed. `there`: how many had the key before the insert. */
  putBack(columns: readonly string[], { parts, rows }: WrittenRow, there: number): boolean {
    const found = this.#found(columns, parts)
    const [taken, missing] = found.reduce(([all, left], one) => [all + one.rows, left + one.rows - one.back], [0, 0])
    const others = found.some(({ isLate }) => isLate) ? 0 : there
    if (rows + others > missing) return there === 0 && rows <= taken
    let left = rows
    for (const one of found) {
      const back = Math.min(left, one.rows - one.back)
      one.back += back
      left -= back
    }
    return true
  }

  /** Rows are compared by the columns that both keys have. */
  #found(columns: readonly string[], parts: readonly string[]): readonly Taken[] {
    return [...this.#notes.values()].flatMap((note) => {
      const common = columns.filter((column) => note.columns.includes(column))
      if (common.length === 0) return []
      const key = textOf(common.map((column) => parts[columns.indexOf(column)]))
      return this.#index(note, common).get(key) ?? []
    })
  }

  #index(note: Note, common: readonly string[]): ReadonlyMap<string, readonly Taken[]> {
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

const tables = new Map<string, TakenRows>()
const databases = new Set<string>()

/** Undefined: nothing was removed from it. */
export function takenFrom({ store, table }: TableSeen): TakenRows | undefined {
  if (tables.size === 0 && databases.size === 0) return undefined
  return databases.has(databaseName(store)) ? unknown : tables.get(tableName(store, table))
}

const unknown = Object.assign(new TakenRows(), { isUnknown: true })

export function noteTaken(
  { store, table }: TableSeen,
  columns: readonly string[],
  rows: readonly WrittenRow[],
  how?: 'by-mutation',
): void {
  if (rows.length > 0) takenOf(store, table).add(columns, rows, how !== undefined)
}

export function noteUnknown({ store, table }: TableSeen): void {
  takenOf(store, table).isUnknown = true
}

/** Rows may have gone from any of its tables. */
export function noteUnknownDatabase(store: string): void {
  databases.add(databaseName(store))
}

/** Rows that went by one name may be inserted again by another. */
export function noteRenamed(names: readonly TableSeen[]): void {
  const known = names.flatMap(({ store, table }) => tables.get(tableName(store, table)) ?? [])
  if (known.length === 0) return
  const all = new TakenRows()
  for (const one of new Set(known)) all.addAll(one)
  for (const { store, table } of names) tables.set(tableName(store, table), all)
}

function takenOf(store: string, table: string): TakenRows {
  const name = tableName(store, table)
  const found = tables.get(name) ?? new TakenRows()
  tables.set(name, found)
  return found
}

const tableName = (store: string, table: string): string => `${databaseName(store)}\n${table}`

/** A server by its uuid where it has one, whatever its address; a database by its name, also when it was created again. */
function databaseName(store: string): string {
  const { server, host, port, database } = parseStoreId(store) ?? { host: store, port: 0, database: '' }
  const uuid = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/i.exec(server ?? '')?.[0]
  return `${uuid ?? `${host}:${port}`}\n${database}`
}
