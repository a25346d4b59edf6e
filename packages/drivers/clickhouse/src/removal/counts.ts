/** How many rows of a key are on record, and whether those were all that there were. */
import type { Json, Target } from '@dustpan/core/driver'
import { merges, type Table } from '../sql/table.ts'
import { keyLiteral, partsOf } from '../sql/where.ts'
import type { RowArgs } from './spec.ts'

/** A record, with the table and the columns that it names rows by. */
export interface Placed {
  readonly target: Target
  readonly args: RowArgs
  readonly columns: readonly string[]
}

export interface Counts {
  readonly rows: number | 'any'
  /** Rows that were there before, and of which no record says whose they are. */
  readonly strangers: number
}

/** `more`: rows with this key that records with more columns name. */
export function countsOf(table: Table, records: readonly Placed[], more: number): Counts {
  const counts = records.map(({ args }) => args.rows ?? (isOneLater(table) ? 'any' : 1))
  if (counts.includes('any')) return { rows: 'any', strangers: 0 }
  const rows = (counts as number[]).reduce((sum, count) => sum + count, more)
  return { rows, strangers: unexplained(records, more) }
}

/** Tables that keep several rows of a key for a while. */
const isOneLater = (table: Table): boolean => merges(table) && table.engine.endsWith('MergeTree')

/** What was there before one insert may be what those before it have brought. */
function unexplained(records: readonly Placed[], more: number): number {
  let ours = more
  for (const { before = 0, rows } of records.map(({ args }) => args).sort(byBefore)) {
    if (before > ours) return before - ours
    // Of what a test tracks by hand nobody knows when it came.
    if (typeof rows === 'number') ours += rows
  }
  return 0
}

const byBefore = (a: RowArgs, b: RowArgs): number => (a.before ?? 0) - (b.before ?? 0)

/** Rows on record that a key of fewer columns means as well, by that key’s literal. */
export function rowsOfLongerKeys(
  table: Table,
  columns: readonly string[],
  all: readonly Placed[],
): (literal: string) => number {
  const rows = new Map<string, number>()
  for (const { target, args, columns: its } of all) {
    const isLonger = its.length > columns.length && columns.every((column) => its.includes(column))
    const isCounted = typeof args.rows === 'number' && !args.before && !target.proof.match
    if (!isLonger || !isCounted) continue
    const parts = partsOf(target.key)
    const short = columns.map((column): Json => parts[its.indexOf(column)] ?? null)
    const literal = keyLiteral(table, columns, short)
    if (literal !== undefined) rows.set(literal, (rows.get(literal) ?? 0) + Number(args.rows))
  }
  return (literal) => rows.get(literal) ?? 0
}
