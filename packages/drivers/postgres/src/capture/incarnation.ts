import { quoteIdentifier, quoteTable } from '../names.ts'
import type { TableReference, Write } from './statement.ts'
import type { TableFacts } from './table-facts.ts'

type Written = Pick<Write, 'table' | 'reference'> & Partial<Pick<Write, 'verb'>>

/**
 * In one number, the table that the statement wrote into, and the file of the table, or of the row's partition: TRUNCATE changes that one. The
 * table is told by the row that was made, where the role may ask it, which costs half as much as to look it up again by the name that stands in
 * the statement. What is known of the name may be of another table by now.
 */
export function incarnation({ verb, table, reference }: Written, facts: TableFacts): string {
  const isTold = verb === 'insert' && facts.kind === 'r' && facts.readable
  const oid = isTold ? `${quoteIdentifier(reference)}.tableoid` : tableNow(table)
  if (facts.kind === 'r') return `(${oid}::int8 << 32 | pg_relation_filenode(${oid})::int8)`
  if (!facts.readable) return justTable(table)
  return `(${oid}::int8 << 32 | coalesce(pg_relation_filenode(${quoteIdentifier(reference)}.tableoid), 0)::int8)`
}

/** The same behind the statement, where no row can be named. */
export function incarnationBehind(table: TableReference, facts: TableFacts): string {
  return facts.kind === 'r' ? incarnation({ table, reference: '' }, facts) : justTable(table)
}

const justTable = (table: TableReference): string => `(${tableNow(table)}::int8 << 32)`

/** A constant of the statement: which table its name stands for. */
export function tableNow({ schema, table }: TableReference): string {
  const name = schema === undefined ? quoteIdentifier(table) : quoteTable({ schema, table })
  const text = name.replaceAll("'", "''")
  return `${text.includes('\\') ? `E'${text.replaceAll('\\', '\\\\')}'` : `'${text}'`}::regclass`
}

export interface Incarnation {
  readonly oid: number
  readonly node: number | undefined
}

/** What the number says. */
export function readIncarnation(text: string): Incarnation {
  const number = BigInt.asUintN(64, BigInt(text))
  const node = Number(number & 0xffffffffn)
  return { oid: Number(number >> 32n), node: node === 0 ? undefined : node }
}
