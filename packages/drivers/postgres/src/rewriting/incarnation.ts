import { quoteIdentifier, quoteTable } from '../names.ts'
import type { TableReference, Write } from '../sql/statement.ts'
import type { TableFacts } from './table-facts.ts'

type WrittenTable = Pick<Write, 'table' | 'reference'> & Partial<Pick<Write, 'verb'>>

/**
 * The table that the statement wrote into, and the file of the table or of the row's partition, in one number. TRUNCATE
 * changes the file. The table is taken from the inserted row where the role may read it, which costs half as much as a
 * lookup by the name in the statement: the facts known for the name may be those of another table by now.
 */
export function incarnation({ verb, table, reference }: WrittenTable, facts: TableFacts): string {
  const isFromRow = verb === 'insert' && facts.kind === 'r' && facts.readable
  const oid = isFromRow ? `${quoteIdentifier(reference)}.tableoid` : tableNow(table)
  if (facts.kind === 'r') return `(${oid}::int8 << 32 | pg_relation_filenode(${oid})::int8)`
  if (!facts.readable) return tableOnly(table)
  return `(${oid}::int8 << 32 | coalesce(pg_relation_filenode(${quoteIdentifier(reference)}.tableoid), 0)::int8)`
}

/** The same after the statement, where no row can be referenced. */
export function incarnationAfter(table: TableReference, facts: TableFacts): string {
  return facts.kind === 'r' ? incarnation({ table, reference: '' }, facts) : tableOnly(table)
}

const tableOnly = (table: TableReference): string => `(${tableNow(table)}::int8 << 32)`

/** The table that a name currently means; constant within a statement. */
export function tableNow(table: TableReference): string {
  return `${nameLiteral(table)}::regclass`
}

/** The same; null where there is none. */
export function tableNowIfAny(table: TableReference): string {
  return `to_regclass(${nameLiteral(table)})`
}

function nameLiteral({ schema, table }: TableReference): string {
  const name = schema === undefined ? quoteIdentifier(table) : quoteTable({ schema, table })
  const text = name.replaceAll("'", "''")
  return text.includes('\\') ? `E'${text.replaceAll('\\', '\\\\')}'` : `'${text}'`
}

export interface Incarnation {
  readonly oid: number
  readonly node: number | undefined
}

/** Decodes the number. */
export function readIncarnation(text: string): Incarnation {
  const number = BigInt.asUintN(64, BigInt(text))
  const node = Number(number & 0xffffffffn)
  return { oid: Number(number >> 32n), node: node === 0 ? undefined : node }
}
