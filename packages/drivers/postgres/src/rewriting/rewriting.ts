import { quoteIdentifier } from '../names.ts'
import type { Statement } from '../sql/statement.ts'
import type { PlannedWrite } from './plan-write.ts'

/** A text that returns more than the user's own, and how to strip the additions from the results. */
export interface Rewriting {
  readonly text: string
  /** One for each statement. */
  readonly outputs: readonly Output[]
  /** Where the text differs from the user's, for the positions in error messages. */
  readonly edits: readonly Edit[]
}

export interface RewrittenStatement {
  readonly output: Output
  readonly edits: readonly Edit[]
}

export interface Output {
  readonly statement: Statement
  readonly writes: readonly PlannedWrite[]
  readonly strip?: Strip
  /** The output of a prepared statement when EXECUTE runs it. */
  readonly prepared?: Output
}

/** Our columns: the last ones and, when the statement was wrapped, a first one that says whether a row is the user's. */
export interface Strip {
  /** The number of our last columns, and the write whose keys they hold. */
  readonly trailing: number
  readonly trailingWrite?: number
  /** The user's statement has no result rows of its own. */
  readonly silent: boolean
  /** Set when the statement was wrapped: its verb, and the writes whose keys the last column holds, in order. */
  readonly wrapped?: { readonly verb: string; readonly writes: readonly number[] }
}

export interface Edit {
  readonly at: number
  readonly text: string
}

/**
 * Adds the columns of a write to its RETURNING clause, or adds the clause. `asText`: cast them, where values are not
 * transferred as text.
 */
export function returningEdit({ write, columns = [] }: PlannedWrite, asText: boolean): Edit {
  const list = columns
    .map((column, index) => `${asText ? `(${column})::text` : column} AS ${ownColumn(index)}`)
    .join(', ')
  return { at: write.at, text: write.returning.present ? `, ${list}` : ` RETURNING ${list}` }
}

export function ownColumn(index: number): string {
  return quoteIdentifier(`__dustpan_${index}`)
}

export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = ''
  let from = 0
  for (const edit of edits) {
    result += text.slice(from, edit.at) + edit.text
    from = edit.at
  }
  return result + text.slice(from)
}

/** Maps an error position in the rewritten text to the user's text. */
export function originalPosition(position: number, edits: readonly Edit[]): number {
  let added = 0
  for (const edit of edits) {
    if (edit.at + added >= position - 1) break
    added += Math.min(edit.text.length, position - 1 - edit.at - added)
  }
  return position - added
}
