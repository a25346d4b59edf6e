/** Tables with rows recorded in this process: only changes to those matter. */
import type { CaptureTransaction, Json, StoreSeen } from '@dustpan/core/driver'
import { databaseSeen } from '../identity.ts'
import type { TableFacts } from '../rewriting/table-facts.ts'
import type { Rekeying } from '../sql/statement.ts'

interface RecordedTable {
  facts: TableFacts
  /** The recorded keys, for tables whose rows other rows are deleted with. */
  readonly keys: Set<string>
  /** The recorded keys, for tables whose rows are deleted with others. */
  readonly cascaded: Set<string>
  /** Those of open transactions. */
  readonly uncommitted: Map<CaptureTransaction, Set<string>>
}

/** Rows recorded in a committed transaction are there for everybody now. */
export function noteSettled(tx: CaptureTransaction, isCommitted: boolean): void {
  for (const tables of recorded.values())
    for (const { cascaded, uncommitted } of tables.values()) {
      if (isCommitted) for (const key of uncommitted.get(tx) ?? []) cascaded.add(key)
      uncommitted.delete(tx)
    }
}

/** By database and oid. */
const recorded = new Map<string, Map<number, RecordedTable>>()
/** Columns whose UPDATE may change a recorded key, by table name without schema, in lower case. */
const sources = new Map<string, Set<string>>()

/** Columns by which rows are deleted together with recorded ones, by table name in the same form. */
const pointers = new Map<string, Set<string>>()
/**
 * All columns that a parsed UPDATE has assigned, as `table.column` in lower case: the table that they refer to may be
 * recorded only later, or by the same statement.
 */
const pointed = new Set<string>()

export function hasRecorded(store?: StoreSeen, table?: Pick<TableFacts, 'oid'>): boolean {
  if (!table) return recorded.size > 0
  return store !== undefined && recorded.get(databaseSeen(store))?.has(table.oid) === true
}

export function noteRecorded(
  store: StoreSeen,
  facts: TableFacts,
  keys: readonly Json[],
  tx: CaptureTransaction | undefined,
): void {
  const tables = recorded.get(databaseSeen(store)) ?? new Map<number, RecordedTable>()
  recorded.set(databaseSeen(store), tables)
  const known = tables.get(facts.oid) ?? newTable(facts)
  if (known.facts !== facts || !tables.has(facts.oid)) noteSources(facts)
  known.facts = facts
  tables.set(facts.oid, known)
  if (facts.cascades.length > 0) for (const key of keys) known.keys.add(JSON.stringify(key))
  if (!facts.cascaded) return
  const cascaded = tx ? (known.uncommitted.get(tx) ?? new Set()) : known.cascaded
  if (tx) known.uncommitted.set(tx, cascaded)
  for (const key of keys) cascaded.add(JSON.stringify(key))
}

const newTable = (facts: TableFacts): RecordedTable => ({
  facts,
  keys: new Set(),
  cascaded: new Set(),
  uncommitted: new Map(),
})

/** Those of the tables that have recorded rows which are deleted with others, as they were named when recorded. */
export function tablesCascaded(store: StoreSeen, oids: Iterable<number>): readonly TableFacts[] {
  const tables = recorded.get(databaseSeen(store))
  return [...new Set(oids)].flatMap((oid) => {
    const known = tables?.get(oid)
    return known && known.cascaded.size > 0 ? [known.facts] : []
  })
}

/** The keys recorded in a table, if its rows are deleted with others: without those of open transactions. */
export function recordedIn(store: StoreSeen, { oid }: TableFacts, isOnRecord: (key: Json) => boolean): readonly Json[] {
  const known = recorded.get(databaseSeen(store))?.get(oid)?.cascaded ?? new Set<string>()
  return [...known].flatMap((text) => {
    const key = JSON.parse(text) as Json
    if (isOnRecord(key)) return [key]
    known.delete(text)
    return []
  })
}

/**
 * Whether all keys were recorded, so that the rows deleted with them belonged to tests too. Known only for tables whose
 * deletions cascade.
 */
export function areRecorded(store: StoreSeen, facts: TableFacts, keys: readonly Json[]): boolean {
  const known = recorded.get(databaseSeen(store))?.get(facts.oid)?.keys
  const isPointedTo = facts.pointers.some(({ table, columns }) =>
    columns.some((column) => pointed.has(pointerOf(table, column))),
  )
  return known !== undefined && !isPointedTo && keys.every((key) => known.has(JSON.stringify(key)))
}

const pointerOf = (table: string, column: string): string => `${table}.${column}`.toLowerCase()

/** Notes that existing rows may refer to recorded ones now. */
export function notePointed({ table, columns }: Rekeying): void {
  for (const column of columns) pointed.add(pointerOf(table.table, column))
}

function noteSources({ keyedBy, pointers: pointerSources }: TableFacts): void {
  noteColumns(sources, keyedBy)
  noteColumns(pointers, pointerSources)
}

function noteColumns(all: Map<string, Set<string>>, keySources: TableFacts['keyedBy']): void {
  for (const { table, columns } of keySources) {
    const known = all.get(table.toLowerCase()) ?? new Set()
    all.set(table.toLowerCase(), known)
    for (const column of columns) known.add(column)
  }
}

/** Whether a text with an UPDATE may change a recorded key, or point rows at recorded ones. */
export function mayRekey(text: string): boolean {
  if (sources.size === 0) return false
  const lower = text.toLowerCase()
  return mentions(sources, lower) || mentions(pointers, lower)
}

function mentions(all: ReadonlyMap<string, ReadonlySet<string>>, lower: string): boolean {
  for (const [table, columns] of all)
    if (lower.includes(table)) for (const column of columns) if (lower.includes(column.toLowerCase())) return true
  return false
}

/** The same for a parsed UPDATE. */
export function rekeysRecorded({ table, columns }: Rekeying): boolean {
  const known = sources.get(table.table.toLowerCase())
  return known !== undefined && columns.some((column) => known.has(column))
}

/** The tables whose recorded keys such an UPDATE may change. Without the facts of the table, its name decides. */
export function tablesRekeyed(store: StoreSeen, { table, columns }: Rekeying, oid: number | undefined): TableFacts[] {
  const all = [...(recorded.get(databaseSeen(store))?.values() ?? [])]
  const isSource = (source: TableFacts['keyedBy'][number]) =>
    (oid === undefined ? source.table === table.table : source.oid === oid) &&
    source.columns.some((column) => columns.includes(column))
  return all.map(({ facts }) => facts).filter((facts) => facts.keyedBy.some(isSource))
}
