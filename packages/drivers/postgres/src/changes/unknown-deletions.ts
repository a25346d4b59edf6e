/** Rows that a statement deletes without returning their keys. */
import type { StoreSeen } from '@dustpan/core/driver'
import type { BeforeCopy } from '../capture/before-copy.ts'
import type { SessionCapture } from '../capture/session-capture.ts'
import type { Work } from '../capture/transactions.ts'
import type { Output } from '../rewriting/rewriting.ts'
import type { Statement, TableReference } from '../sql/statement.ts'
import { emptied } from './deleted-rows.ts'
import type { EmptiedKeys, EmptiedTable } from './emptied-keys.ts'
import { affectedTables, type DoubtedTable, doubtRows } from './replaced-rows.ts'

export interface StatementContext {
  /** An earlier statement of the same text has changed what names mean. */
  readonly isMoved: boolean
  /** The keys that were read from the tables before it was sent. */
  readonly emptied: EmptiedKeys | undefined
  /** The state of the table before a COPY. */
  readonly beforeCopy?: BeforeCopy | undefined
}

/** The command tag, once the statement is done. */
interface Answer {
  readonly tag: () => string
  readonly count: () => number
}

/** Whether it deletes any rows, with or without returning them. */
export const deletesRows = ({ writes, truncates, deletesFrom, deletesUnseen }: Statement): boolean =>
  Boolean(truncates ?? deletesFrom ?? deletesUnseen) || writes.some(({ verb }) => verb === 'delete')

/** The deletions of one statement whose rows are not returned. */
export class UnknownDeletions {
  readonly #output: Output
  readonly #capture: SessionCapture
  readonly #context: StatementContext

  constructor(output: Output, capture: SessionCapture, context: StatementContext) {
    this.#output = output
    this.#capture = capture
    this.#context = context
  }

  /** The tables that it empties: their records are struck off. */
  emptied(store: StoreSeen): readonly Work[] {
    const restarts = this.#output.statement.truncates?.restarts === true
    return this.#tables().map((table) => emptied(table, { store, sink: this.#capture.sink }, restarts))
  }

  /** The other tables whose deleted rows may be inserted again. */
  doubted(store: StoreSeen, { tag, count }: Answer): readonly Work[] {
    const { writes, truncates, deletesFrom, deletesUnseen } = this.#output.statement
    const returned = new Set(this.#output.writes.flatMap(({ write, columns }) => (columns ? [write] : [])))
    const deletes = writes.filter((write) => write.verb === 'delete' && !returned.has(write))
    const always = () => true
    const byCount = () => count() > 0
    const unknown = (truncates?.tables ?? []).filter((table) => !this.#isKnown(table))
    const isPart = truncates?.cascade && !this.#context.emptied?.isWhole(truncates)
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
    const { isMoved, emptied: emptiedKeys } = this.#context
    if (!truncates) return []
    if (emptiedKeys && !isMoved) return emptiedKeys.tables(truncates)
    return truncates.tables.flatMap((name) => {
      const facts = this.#capture.table(name)
      return facts ? [{ facts, rows: undefined }] : []
    })
  }

  /** Whether the table is known, if only as missing. */
  #isKnown(table: TableReference): boolean {
    return this.#isPlaced(table) && this.#capture.facts?.tables.has(table.id) === true
  }

  #oidsOf(name: TableReference): readonly DoubtedTable[] {
    const table = this.#isPlaced(name) ? this.#capture.table(name) : undefined
    return table ? affectedTables(table) : ['any']
  }

  /** Whether the name means what it meant before the text was sent: no search path changes one with a schema. */
  #isPlaced({ schema }: TableReference): boolean {
    return schema !== undefined || !this.#context.isMoved
  }
}

function doubtedIf(hasDeleted: () => boolean, store: StoreSeen, oids: readonly DoubtedTable[]): Work {
  return { kind: 'work', record: () => (hasDeleted() ? doubtRows(store, oids) : undefined), discard() {} }
}
