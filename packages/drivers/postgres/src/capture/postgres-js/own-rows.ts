/** Reads our columns from a result and strips them, so that the result is as it would be without them. */
import type { Output } from '../../rewriting/rewriting.ts'
import type { StatementRecord } from '../statement-record.ts'
import type { JsQuery, JsResult } from './library.ts'

type Columns = readonly { readonly name: string }[]

/** Strips a row; whether it is the user's. */
export function stripRow(record: StatementRecord, { strip }: Output, row: unknown, columns: Columns): boolean {
  if (!strip) return true
  const isList = Array.isArray(row)
  const cells = row as { [column: string | number]: unknown }
  const names = columns.map(({ name }, index) => (isList ? index : name))
  const isUserRow = record.stripRow({ fields: names.map((name) => textOf(cells[name])) })
  if (isList) row.splice(0, row.length, ...userPart(row, strip))
  else for (const name of names) if (!userPart(names, strip).includes(name)) delete cells[name]
  return isUserRow
}

/** Strips the result of a completed statement, and gives its effects. */
export function stripResult(record: StatementRecord, output: Output, query: JsQuery, result: JsResult, text: string) {
  const { strip } = output
  const message = { text: tagOf(result) }
  if (!strip) return record.completed(message)
  const columns = result.columns ?? []
  if (!query.forEachFn) {
    const rows = result.filter((row) => stripRow(record, output, row, columns))
    result.splice(0, result.length, ...rows)
  }
  const steps = record.completed(message)
  Object.assign(result, commandOf(message.text))
  restoreDescription(result, text, strip.silent ? (query.options.simple ? undefined : []) : userPart(columns, strip))
  return steps
}

/** Restores the statement description, which the library keeps for the next query like it. */
function restoreDescription(result: JsResult, string: string, columns: Columns | undefined): void {
  const { statement } = result
  if (result.columns) result.columns = columns
  if (statement) result.statement = { ...statement, string, columns }
}

function userPart<T>(all: readonly T[], { wrapped, trailing }: NonNullable<Output['strip']>): readonly T[] {
  return all.slice(wrapped ? 1 : 0, all.length - trailing)
}

/** The command tag as the server sends it: `INSERT 0 3`. */
function tagOf({ command, count }: JsResult): string {
  return count === null ? command : `${command} ${command === 'INSERT' ? '0 ' : ''}${count}`
}

function commandOf(tag: string): Pick<JsResult, 'command' | 'count'> {
  const count = /^(.*?)(?: 0)?(?: (\d+))?$/.exec(tag)
  return { command: count?.[1] ?? tag, count: count?.[2] === undefined ? null : Number(count[2]) }
}

function textOf(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value)
}
