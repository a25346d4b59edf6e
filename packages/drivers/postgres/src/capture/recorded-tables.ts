/** The tables of which something was recorded in this process: only what is done to those matters. */
import type { Json, StoreSeen } from '@dustpan/core/driver'
import { databaseSeen } from '../identity.ts'
import type { Rekeying } from './statement.ts'
import type { TableFacts } from './table-facts.ts'

interface RecordedTable {
  facts: TableFacts
  /** What was recorded, where rows of other tables go with one of it. */
  readonly keys: Set<string>
}

/** By database and oid. */
const recorded = new Map<string, Map<number, RecordedTable>>()
/** By the bare names of the tables whose UPDATE may change a recorded key, in lower case: the columns. */
const sources = new Map<string, Set<string>>()

/** The columns by which rows would go with recorded ones, by the same names. */
const pointers = new Map<string, Set<string>>()
/** Those of which an UPDATE gave one another value: `table.column`, in lower case. */
const pointed = new Set<string>()

export function hasRecorded(store?: StoreSeen, table?: Pick<TableFacts, 'oid'>): boolean {
  if (!table) return recorded.size > 0
  return store !== undefined && recorded.get(databaseSeen(store))?.has(table.oid) === true
}

export function noteRecorded(store: StoreSeen, facts: TableFacts, keys: readonly Json[]): void {
  const tables = recorded.get(databaseSeen(store)) ?? new Map<number, RecordedTable>()
  recorded.set(databaseSeen(store), tables)
  const known = tables.get(facts.oid) ?? { facts, keys: new Set<string>() }
  if (known.facts !== facts || !tables.has(facts.oid)) noteSources(facts)
  known.facts = facts
  tables.set(facts.oid, known)
  if (facts.cascades.length > 0) for (const key of keys) known.keys.add(JSON.stringify(key))
}

/** Whether all of them were recorded, so that what went with them was the tests' too. Only known for tables with which rows of others go. */
export function areRecorded(store: StoreSeen, facts: TableFacts, keys: readonly Json[]): boolean {
  const known = recorded.get(databaseSeen(store))?.get(facts.oid)?.keys
  const isPointedTo = facts.pointers.some(({ table, columns }) =>
    columns.some((column) => pointed.has(pointerOf(table, column))),
  )
  return known !== undefined && !isPointedTo && keys.every((key) => known.has(JSON.stringify(key)))
}

const pointerOf = (table: string, column: string): string => `${table}.${column}`.toLowerCase()

/** Rows of before may refer to recorded ones now. */
export function notePointed({ table, columns }: Rekeying): void {
  const known = pointers.get(table.table.toLowerCase())
  if (known) for (const column of columns) if (known.has(column)) pointed.add(pointerOf(table.table, column))
}

function noteSources({ keyedBy, pointers: pointing }: TableFacts): void {
  noteColumns(sources, keyedBy)
  noteColumns(pointers, pointing)
}

function noteColumns(all: Map<string, Set<string>>, noted: TableFacts['keyedBy']): void {
  for (const { table, columns } of noted) {
    const known = all.get(table.toLowerCase()) ?? new Set()
    all.set(table.toLowerCase(), known)
    for (const column of columns) known.add(column)
  }
}

/** Whether a text that holds an UPDATE may be about a recorded key, or point rows to recorded ones. */
export function mayRekey(text: string): boolean {
  if (sources.size === 0) return false
  const lower = text.toLowerCase()
  return names(sources, lower) || names(pointers, lower)
}

function names(all: ReadonlyMap<string, ReadonlySet<string>>, lower: string): boolean {
  for (const [table, columns] of all)
    if (lower.includes(table)) for (const column of columns) if (lower.includes(column.toLowerCase())) return true
  return false
}

/** The same, once it is parsed. */
export function rekeysRecorded({ table, columns }: Rekeying): boolean {
  const known = sources.get(table.table.toLowerCase())
  return known !== undefined && columns.some((column) => known.has(column))
}

/** The tables whose recorded keys such an UPDATE may change. Where the table's facts are not known, its name has to do. */
export function tablesRekeyed(store: StoreSeen, { table, columns }: Rekeying, oid: number | undefined): TableFacts[] {
  const all = [...(recorded.get(databaseSeen(store))?.values() ?? [])]
  const isMeant = (source: TableFacts['keyedBy'][number]) =>
    (oid === undefined ? source.table === table.table : source.oid === oid) &&
    source.columns.some((column) => columns.includes(column))
  return all.map(({ facts }) => facts).filter((facts) => facts.keyedBy.some(isMeant))
}
