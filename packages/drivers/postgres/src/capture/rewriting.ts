import { quoteIdentifier } from '../names.ts'
import type { PlannedWrite } from './plan-write.ts'
import type { Statement } from './statement.ts'

/** A text that tells more than the user's, and how to take what it tells out of the results. */
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
  /** What a PREPARE makes EXECUTE do. */
  readonly prepared?: Output
}

/** Our columns: the last ones, and a first one that says whether a row is the user's, when the statement was wrapped. */
export interface Strip {
  /** The last columns, and the write whose keys they are. */
  readonly trailing: number
  readonly trailingWrite?: number
  /** The user's statement has no result rows of its own. */
  readonly silent: boolean
  /** The statement was wrapped: its verb, and the writes whose keys stand in the last column, in their order. */
  readonly wrapped?: { readonly verb: string; readonly writes: readonly number[] }
}

export interface Edit {
  readonly at: number
  readonly text: string
}

/** Adds a write's columns to its RETURNING, or the clause with them. `asText`: where they do not come as texts by themselves. */
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

/** The place in the user's text that an error's position in the rewritten one stands for. */
export function originalPosition(position: number, edits: readonly Edit[]): number {
  let added = 0
  for (const edit of edits) {
    if (edit.at + added >= position - 1) break
    added += Math.min(edit.text.length, position - 1 - edit.at - added)
  }
  return position - added
}
