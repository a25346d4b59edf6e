/** Rows that a statement takes without a word of which they are. */
import type { StoreSeen } from '@dustpan/core/driver'
import { emptied } from './deleted-rows.ts'
import type { EmptiedKeys, EmptiedTable } from './emptied-keys.ts'
import { type Doubted, doubtRows, goesWith } from './replaced-rows.ts'
import type { Output } from './rewriting.ts'
import type { SessionCapture } from './session-capture.ts'
import type { Statement, TableReference } from './statement.ts'
import type { Work } from './transactions.ts'

export interface Circumstances {
  /** What stands before it in the same text has changed what names mean. */
  readonly isMoved: boolean
  /** What was asked of the tables before it was sent. */
  readonly emptied: EmptiedKeys | undefined
}

/** What its tag tells, once it is done. */
interface Answer {
  readonly tag: () => string
  readonly count: () => number
}

/** Whether it takes any rows, told or not. */
export const takesRows = ({ writes, truncates, deletesFrom, deletesUnseen }: Statement): boolean =>
  Boolean(truncates ?? deletesFrom ?? deletesUnseen) || writes.some(({ verb }) => verb === 'delete')

export class UntoldRows {
  readonly #output: Output
  readonly #capture: SessionCapture
  readonly #circumstances: Circumstances

  constructor(output: Output, capture: SessionCapture, circumstances: Circumstances) {
    this.#output = output
    this.#capture = capture
    this.#circumstances = circumstances
  }

  /** The tables that it empties: what is on record of them is struck off. */
  emptied(store: StoreSeen): readonly Work[] {
    const restarts = this.#output.statement.truncates?.restarts === true
    return this.#tables().map((table) => emptied(table, { store, sink: this.#capture.sink }, restarts))
  }

  /** Whatever else may come again. */
  doubted(store: StoreSeen, { tag, count }: Answer): readonly Work[] {
    const { writes, truncates, deletesFrom, deletesUnseen } = this.#output.statement
    const told = new Set(this.#output.writes.flatMap(({ write, columns }) => (columns ? [write] : [])))
    const deletes = writes.filter((write) => write.verb === 'delete' && !told.has(write))
    const always = () => true
    const byCount = () => count() > 0
    const unknown = (truncates?.tables ?? []).filter((table) => !this.#isKnown(table))
    const isPart = truncates?.cascade && !this.#circumstances.emptied?.isWhole(truncates)
    return [
      ...deletes.map(({ table, cte }) => doubtedIf(cte ? always : byCount, store, this.#oidsOf(table))),
      ...(deletesFrom
        ? [doubtedIf(() => !tag().startsWith('MERGE') || byCount(), store, this.#oidsOf(deletesFrom))]
        : []),
      ...(deletesUnseen || isPart || unknown.length > 0 ? [doubtedIf(always, store, ['any'])] : []),
    ]
  }

  #tables(): readonly EmptiedTable[] {
    const { truncates } = this.#output.statement
    const { isMoved, emptied: asked } = this.#circumstances
    if (!truncates) return []
    if (asked && !isMoved) return asked.tables(truncates)
    return truncates.tables.flatMap((name) => {
      const facts = this.#capture.table(name)
      return facts ? [{ facts, rows: undefined }] : []
    })
  }

  /** Also that it is not there. */
  #isKnown(table: TableReference): boolean {
    return !this.#circumstances.isMoved && this.#capture.facts?.tables.has(table.id) === true
  }

  #oidsOf(name: TableReference): readonly Doubted[] {
    const table = this.#circumstances.isMoved ? undefined : this.#capture.table(name)
    return table ? goesWith(table) : ['any']
  }
}

function doubtedIf(did: () => boolean, store: StoreSeen, oids: readonly Doubted[]): Work {
  return { kind: 'work', tell: () => (did() ? doubtRows(store, oids) : undefined), drop() {} }
}
