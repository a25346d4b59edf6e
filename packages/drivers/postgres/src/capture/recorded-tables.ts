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

/** Whether all of them were recorded. Only known for tables with which rows of others go. */
export function areRecorded(store: StoreSeen, { oid }: TableFacts, keys: readonly Json[]): boolean {
  const known = recorded.get(databaseSeen(store))?.get(oid)?.keys
  return known !== undefined && keys.every((key) => known.has(JSON.stringify(key)))
}

function noteSources({ keyedBy }: TableFacts): void {
  for (const { table, columns } of keyedBy) {
    const known = sources.get(table.toLowerCase()) ?? new Set()
    sources.set(table.toLowerCase(), known)
    for (const column of columns) known.add(column)
  }
}

/** Whether a text that holds an UPDATE may be about a recorded key. */
export function mayRekey(text: string): boolean {
  if (sources.size === 0) return false
  const lower = text.toLowerCase()
  for (const [table, columns] of sources)
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
