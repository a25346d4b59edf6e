import type { DataRow, RowDescription } from '../pg.ts'
import type { Strip } from './rewriting.ts'
import type { OwnRow } from './written-rows.ts'

/** Takes our columns out of one statement's results, so that what is left is as it would be without us, and keeps what they tell. */
export class OwnColumns {
  readonly #strip: Strip
  /** By write. */
  readonly #rows: OwnRow[][] = []
  #userRows = 0

  constructor(strip: Strip) {
    this.#strip = strip
  }

  /** What the columns tell of a write, as it comes. */
  rowsOf(write: number): OwnRow[] {
    this.#rows[write] ??= []
    return this.#rows[write]
  }

  /** Whether there is a row description for the user. */
  describe(message: RowDescription): boolean {
    message.fields = this.#users(message.fields)
    return !this.#strip.silent
  }

  /** Whether there is a row for the user. */
  take(message: DataRow): boolean {
    const { trailing, trailingWrite, wrapped, silent } = this.#strip
    const { fields } = message
    const own = fields.slice(fields.length - trailing)
    if (wrapped) this.#readKeys(own.pop() ?? null)
    const isUsers = !wrapped || fields[0] !== null
    if (isUsers && trailingWrite !== undefined) this.rowsOf(trailingWrite).push(own)
    if (isUsers) this.#userRows++
    message.fields = this.#users(fields)
    return isUsers && !silent
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

  /** The lists that stand in a wrapped statement's first row, one for each WITH query; null for one that wrote nothing. */
  #readKeys(text: string | null): void {
    if (text === null) return
    const lists = JSON.parse(text) as readonly (readonly OwnRow[] | null)[]
    for (const [index, write] of (this.#strip.wrapped?.writes ?? []).entries()) {
      for (const row of lists[index] ?? []) this.rowsOf(write).push(row)
    }
  }
}
