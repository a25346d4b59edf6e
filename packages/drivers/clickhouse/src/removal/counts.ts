/** Computes how many rows of a key are on record, and whether there were others before. */
import type { Json, Target } from '@dustpan/core/driver'
import { merges, type Table } from '../sql/table.ts'
import { keyLiteral, partsOf } from '../sql/where.ts'
import type { RowArgs } from './spec.ts'

/** A record, with the columns of its key. */
export interface PlacedRecord {
  readonly target: Target
  readonly args: RowArgs
  readonly columns: readonly string[]
}

export interface Counts {
  readonly rows: number | 'any'
  /** The number of rows that existed before and are on no record. */
  readonly strangers: number
}

/** `more`: rows with this key that are recorded by keys with more columns. */
export function countsOf(table: Table, records: readonly PlacedRecord[], more: number): Counts {
  const counts = records.map(({ args }) => args.rows ?? (mergesLater(table) ? 'any' : 1))
  if (counts.includes('any')) return { rows: 'any', strangers: 0 }
  const rows = (counts as number[]).reduce((sum, count) => sum + count, more)
  return { rows, strangers: unexplained(records, more) }
}

/** Whether several rows of a key exist until the table merges them. */
const mergesLater = (table: Table): boolean => merges(table) && table.engine.endsWith('MergeTree')

/** Rows that existed before an insert may come from earlier recorded inserts; the others are unexplained. */
function unexplained(records: readonly PlacedRecord[], more: number): number {
  let ours = more
  for (const { before = 0, rows } of records.map(({ args }) => args).sort(byBefore)) {
    if (before > ours) return before - ours
    // It is unknown when a row that is tracked by hand was inserted.
    if (typeof rows === 'number') ours += rows
  }
  return 0
}

const byBefore = (a: RowArgs, b: RowArgs): number => (a.before ?? 0) - (b.before ?? 0)

/** Recorded rows that a key with fewer columns also matches, by that key's literal. */
export function rowsOfLongerKeys(
  table: Table,
  columns: readonly string[],
  all: readonly PlacedRecord[],
): (literal: string) => number {
  const rows = new Map<string, number>()
  for (const { target, args, columns: longer } of all) {
    const isLonger = longer.length > columns.length && columns.every((column) => longer.includes(column))
    const isCounted = typeof args.rows === 'number' && !args.before && !target.proof.match
    if (!isLonger || !isCounted) continue
    const parts = partsOf(target.key)
    const short = columns.map((column): Json => parts[longer.indexOf(column)] ?? null)
    const literal = keyLiteral(table, columns, short)
    if (literal !== undefined) rows.set(literal, (rows.get(literal) ?? 0) + Number(args.rows))
  }
  return (literal) => rows.get(literal) ?? 0
}
