/** Finds rows by their recorded keys: every statement takes them as one JSON array, `[[key parts…, matched values…], …]`. */
import type { Json, Proof, Target } from '@dustpan/core/driver'
import type { Client } from './client.ts'
import { type Key, type KeyType, keyParts, keyValue } from './keys.ts'
import { quoted } from './quote.ts'
import type { Table } from './tables.ts'

/** The columns by which rows are found. */
export interface Lookup {
  readonly table: Table
  readonly columns: readonly string[]
  readonly types: readonly KeyType[]
  /** Columns that must still have their recorded values. */
  readonly match: readonly string[]
}

/** `json_each(…) AS j CROSS JOIN table AS x ON …`: each key once, looked up through its index. */
export function found(lookup: Lookup, parameter: string, strict: boolean): string {
  const keys = lookup.columns.map(
    (column, i) => `x.${quoted(column)} = ${keyValue(lookup.types[i] ?? 'plain', element(i))}`,
  )
  const values = lookup.match.map((column, i) => `x.${quoted(column)} IS ${element(lookup.columns.length + i)}`)
  const conditions = strict ? [...keys, ...values] : keys
  return `json_each(${parameter}) AS j CROSS JOIN ${tableName(lookup.table)} AS x ON ${conditions.join(' AND ')}`
}

/** `row IN (…)` for the rows with these keys. */
export function isAmong(lookup: Lookup, row: string, parameter: string): string {
  const columns = rowColumns(lookup.table)
  const inner = columns.map((column) => `x.${column}`).join(', ')
  return `(${columns.map((column) => `${row}.${column}`).join(', ')}) IN (SELECT ${inner} FROM ${found(lookup, parameter, true)})`
}

export function keysParameter(lookup: Lookup, targets: readonly Pick<Target, 'key' | 'proof'>[]): string {
  return JSON.stringify(targets.map(({ key, proof }) => [...keyParts(key), ...matched(lookup, proof)]))
}

/** The keys that exist as rows now. */
export function existingKeys(client: Client, table: Table, keys: readonly Key[]): readonly Key[] {
  const byType = Map.groupBy(keys, (key) => key.types.join())
  return [...byType.values()].flatMap((group) => {
    const lookup: Lookup = { table, columns: table.key, types: group[0]?.types ?? [], match: [] }
    const parameter = JSON.stringify(group.map((key) => keyParts(key.json)))
    const rows = client.all(`SELECT j.key AS i FROM ${found(lookup, '?', false)}`, parameter)
    const there = new Set(rows.map((row) => Number(row.i)))
    return group.filter((_, i) => there.has(i))
  })
}

export function tableName(table: Table): string {
  return `${quoted(table.schema)}.${quoted(table.name)}`
}

/** The columns that best identify a row of the table as it is now. */
export function rowColumns(table: Table): string[] {
  if (table.withoutRowid) return table.key.map(quoted)
  const rowid = ['rowid', '_rowid_', 'oid'].find(
    (name) => ![...table.columns.keys()].some((c) => c.toLowerCase() === name),
  )
  return rowid === undefined ? table.key.map(quoted) : [rowid]
}

function element(index: number): string {
  return `json_extract(j.value, '$[${index}]')`
}

function matched(lookup: Lookup, proof: Proof): Json[] {
  return lookup.match.map((column) => proof.match?.[column] ?? null)
}
