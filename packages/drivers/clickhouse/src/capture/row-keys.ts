/** Keys that identify inserted rows: the sorting key's columns, and ids. */
import type { Json } from '@dustpan/core/driver'
import { asWritten, bareType, keyValue, literal, type Scalar } from '../sql/literal.ts'
import type { Table } from '../sql/table.ts'

/** Collects rows one by one. */
export class RowKeys {
  readonly #columns: readonly KeyColumn[]
  /** Whether all columns are needed to identify a row. */
  readonly #needsAll: boolean
  readonly #rows: (Scalar | undefined)[][] = []
  /** In words: a value that the server may store differently, or that cannot be compared. */
  unfit: string | undefined

  /** `hasOwnZone`: the insert reads times without a zone differently from the server. */
  constructor(table: Table, hasOwnZone: boolean) {
    this.#needsAll = table.merging !== undefined
    this.#columns = keyColumns(table).map((name) => {
      const type = table.columns.get(name)?.type ?? ''
      const isUsable = !hasOwnZone || !/^DateTime/.test(bareType(type))
      if (!isUsable) this.unfit = `a ${type} key in a session_timezone (${name})`
      return { name, type, isWhole: /^U?Int(?:32|64)$/.test(type), isText: type === 'String', isUsable }
    })
  }

  add(given: (column: string) => unknown): void {
    const row = this.#columns.map((column) => (column.isUsable ? keyPart(column, given(column.name)) : undefined))
    for (const [i, column] of this.#columns.entries()) {
      if (row[i] !== undefined || !column.isUsable) continue
      column.isUsable = false
      this.unfit ??= unfitValue(column, given(column.name))
    }
    this.#rows.push(row)
  }

  get count(): number {
    return this.#rows.length
  }

  /** Columns for which every row has a comparable value. */
  get columns(): readonly string[] {
    const usable = this.#columns.filter(({ isUsable }) => isUsable).map(({ name }) => name)
    return this.#needsAll && usable.length < this.#columns.length ? [] : usable
  }

  /** The keys, with their number of rows. */
  byKey(): readonly { readonly key: Json; readonly rows: number }[] {
    const at = [...this.#columns.entries()].filter(([, { isUsable }]) => isUsable).map(([i]) => i)
    const [only = 0] = at
    const keys = this.#rows.map((row) => (at.length === 1 ? row[only] : at.map((i) => row[i])) as Json)
    const found = new Map<unknown, { key: Json; rows: number }>()
    for (const key of keys) {
      const id = at.length === 1 ? key : JSON.stringify(key)
      const known = found.get(id)
      if (known) known.rows++
      else found.set(id, { key, rows: 1 })
    }
    return [...found.values()]
  }
}

interface KeyColumn {
  readonly name: string
  readonly type: string
  /** A fast path: most keys are integers or strings. */
  readonly isWhole: boolean
  readonly isText: boolean
  isUsable: boolean
}

function keyPart({ type, isWhole, isText }: KeyColumn, given: unknown): Scalar | undefined {
  if (isWhole && Number.isInteger(given) && (given as number) >= 0 && (given as number) < 2 ** 31)
    return given as number
  if (isText && typeof given === 'string') return given
  const value = scalarOf(given)
  return value === undefined || literal(type, value) === undefined ? undefined : keyValue(type, value)
}

/** Undefined: there is no value. */
function unfitValue({ name, type }: KeyColumn, given: unknown): string | undefined {
  const value = scalarOf(given)
  if (given === undefined || given === null || value === '') return undefined
  const isWhole = /^U?Int\d+$/.test(bareType(type)) && value !== undefined && /^-?\d+$/.test(String(value))
  const what = isWhole ? 'a value that is out of range for its column' : 'a value that cannot be compared'
  return `${what} (${name}${value === undefined ? '' : ` = ${value}`}, ${type})`
}

/** `id` distinguishes rows that are sorted by a time or a customer, but not in tables that merge rows. */
export function keyColumns({ columns, merging, sortingKey }: Table): readonly string[] {
  const isGiven = (name: string) => {
    const kind = columns.get(name)?.kind
    return kind === '' || kind === 'DEFAULT'
  }
  if (merging) return merging.columns?.every(isGiven) ? merging.columns : []
  return [...new Set([...sortingKey, 'id', 'uuid'].filter(isGiven))]
}

function scalarOf(value: unknown): Scalar | undefined {
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Date || Object.prototype.toString.call(value) === '[object Date]')
    return scalarOf((value as Date).toJSON())
  return ['string', 'number', 'boolean'].includes(typeof value) ? (value as Scalar) : undefined
}

/** The key as the server writes it, to find it in results. Undefined: the server may write it differently. */
export function writtenKey(table: Table, columns: readonly string[], parts: readonly unknown[]): string | undefined {
  const written = columns.map((column, i) => asWritten(table.columns.get(column)?.type ?? '', parts[i]))
  return written.includes(undefined) ? undefined : JSON.stringify(written)
}

export type KeyedRows = ReturnType<RowKeys['byKey']>
