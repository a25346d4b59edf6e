/** Compares a changed row with its logged images. */
import type { Change } from '@dustpan/core/rows'
import { held, type LogLine } from '../application/log-lines.ts'
import type { Client, SqlValue } from '../client.ts'
import { quoted } from '../quote.ts'
import { tableName } from '../rows.ts'
import type { Table } from '../tables.ts'
import { isSame, type Values, valuesIn } from './image.ts'

export type RowState =
  | { readonly is: 'ready'; readonly do: Restoration }
  | { readonly is: 'as-before' }
  /** Somebody else changed these columns since, deleted the row, or replaced it. */
  | { readonly is: 'changed'; readonly columns: readonly string[] }
  | { readonly is: 'gone' | 'taken' | 'table-gone' }
  /** The log no longer has its lines. */
  | { readonly is: 'forgotten' }

/** What restores the row. `place`: its current key; undefined: the row does not exist. */
export interface Restoration {
  readonly table: Table
  readonly place: readonly SqlValue[] | undefined
  readonly before: Values
  readonly columns: readonly string[]
}

/** The table with this number in the log. */
export type TableOf = (number: number) => Table | undefined

export function stateOf(client: Client, { args, first, last }: Change, tableOf: TableOf): RowState {
  const [firstLine, lastLine] = [first, last].map((id) => lineOf(client, id, args))
  if (!firstLine?.was || !lastLine) return { is: 'forgotten' }
  const table = tableOf(firstLine.table)
  if (!table) return { is: 'table-gone' }
  const before = valuesIn(firstLine.was)
  if (lastLine.op === 'd') return deletedState(client, table, before)
  if (!lastLine.now) return { is: 'changed', columns: [] }
  return changedState(client, table, before, valuesIn(lastLine.now))
}

function deletedState(client: Client, table: Table, before: Values): RowState {
  const columns = writable(table, before)
  const place = keyOf(table, before)
  const row = compare(client, table, place, columns, [before])
  if (!row) return { is: 'ready', do: { table, place: undefined, before, columns } }
  return row.every(([same]) => same) ? { is: 'as-before' } : { is: 'taken' }
}

function changedState(client: Client, table: Table, before: Values, after: Values): RowState {
  const columns = writable(table, before).filter((column) => !isSame(before.get(column), after.get(column)))
  for (const place of [keyOf(table, after), keyOf(table, before)]) {
    const row = compare(client, table, place, columns, [before, after])
    if (!row) continue
    const left = columns.filter((_, index) => row[index]?.[0] !== true)
    const foreign = columns.filter((_, index) => row[index]?.every((same) => !same))
    if (left.length === 0) return { is: 'as-before' }
    if (foreign.length > 0) return { is: 'changed', columns: foreign }
    return { is: 'ready', do: { table, place, before, columns: left } }
  }
  return { is: 'gone' }
}

/** Whether each column has the values of each image; undefined: there is no such row. */
export function compare(
  client: Client,
  table: Table,
  place: readonly SqlValue[],
  columns: readonly string[],
  images: readonly Values[],
): readonly (readonly boolean[])[] | undefined {
  const same = columns.flatMap((column) => images.map(() => `(${quoted(column)} COLLATE BINARY IS ?)`))
  const values = columns.flatMap((column) => images.map((image) => image.get(column) ?? null))
  const sql = `SELECT json_array(${same.join(', ')}) AS same FROM ${tableName(table)} WHERE ${isAt(table)}`
  const row = client.all(sql, ...values, ...place)[0]
  if (!row) return undefined
  const results = (JSON.parse(String(row.same)) as readonly number[]).map((result) => result === 1)
  return columns.map((_, index) => results.slice(index * images.length, (index + 1) * images.length))
}

export const isAt = ({ key }: Table): string => key.map((column) => `${quoted(column)} = ?`).join(' AND ')

export const keyOf = ({ key }: Table, image: Values): readonly SqlValue[] =>
  key.map((column) => image.get(column) ?? null)

/** Columns that still exist and can be set. */
function writable({ columns, generated, bare, key }: Table, image: Values): readonly string[] {
  return [...image.keys()].filter(
    (column) => (columns.has(column) && !generated.includes(column)) || (bare && key.includes(column)),
  )
}

interface HeldLine extends Pick<LogLine, 'op' | 'table'> {
  readonly was: string | undefined
  readonly now: string | undefined
}

/** Matches run and scope too: the id may have been reused for another line. */
function lineOf(client: Client, id: number, { run, scope }: Change['args']): HeldLine | undefined {
  const sql = `SELECT op, tbl, was, now FROM main.dustpan_log WHERE id = ? AND run = ? AND scope = ? AND settled = ${held}`
  const [row] = client.all(sql, id, run, scope)
  if (!row) return undefined
  const text = (value: SqlValue | undefined) => (typeof value === 'string' ? value : undefined)
  return { op: String(row.op) as LogLine['op'], table: Number(row.tbl), was: text(row.was), now: text(row.now) }
}
