import type { DataRow, RowDescription } from '../pg.ts'
import type { Strip } from '../rewriting/rewriting.ts'
import type { OwnRow } from './written-rows.ts'

/**
 * Takes our columns out of the results of one statement, so that the user sees the result without them, and keeps their
 * values.
 */
export class OwnColumns {
  readonly #strip: Strip
  /** Own rows, by the index of their write. */
  readonly #rows: OwnRow[][] = []
  #userRows = 0

  constructor(strip: Strip) {
    this.#strip = strip
  }

  /** The own rows of a write, filled as results arrive. */
  rowsOf(write: number): OwnRow[] {
    this.#rows[write] ??= []
    return this.#rows[write]
  }

  /** Strips the row description; whether the user gets one. */
  stripDescription(message: RowDescription): boolean {
    message.fields = this.#users(message.fields)
    return !this.#strip.silent
  }

  /** Strips a row; whether the user gets it. */
  stripRow(message: DataRow): boolean {
    const { trailing, trailingWrite, wrapped, silent } = this.#strip
    const { fields } = message
    const own = fields.slice(fields.length - trailing)
    if (wrapped) this.#readKeys(own.pop() ?? null)
    const isUserRow = !wrapped || fields[0] !== null
    if (isUserRow && trailingWrite !== undefined) this.rowsOf(trailingWrite).push(own)
    if (isUserRow) this.#userRows++
    message.fields = this.#users(fields)
    return isUserRow && !silent
  }

  /** The command tag that the user's own statement would have had. */
  tag(text: string): string {
    const { wrapped } = this.#strip
    if (!wrapped) return text
    return wrapped.verb === 'INSERT' ? `INSERT 0 ${this.#userRows}` : `${wrapped.verb} ${this.#userRows}`
  }

  #users<T>(fields: readonly T[]): readonly T[] {
    return fields.slice(this.#strip.wrapped ? 1 : 0, fields.length - this.#strip.trailing)
  }

  /**
   * Reads the key lists in the first row of a wrapped statement, one for each WITH query; null for a query that wrote
   * nothing.
   */
  #readKeys(text: string | null): void {
    if (text === null) return
    const lists = JSON.parse(text) as readonly (readonly OwnRow[] | null)[]
    for (const [index, write] of (this.#strip.wrapped?.writes ?? []).entries()) {
      for (const row of lists[index] ?? []) this.rowsOf(write).push(row)
    }
  }
}
