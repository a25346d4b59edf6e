/** The ledger's view of created rows: their keys, how to remove them, and what shows that they are the same rows still. */
import type { CreatedSet, Json, Proof, RowMarker } from '@dustpan/core/driver'
import type { Client, SqlValue } from '../client.ts'
import { type Key, keyParts } from '../keys.ts'
import { quoted } from '../quote.ts'
import { rowRemoval } from '../removal/spec.ts'
import { found } from '../rows.ts'
import { schemaVersion } from '../schema-version.ts'
import type { Table } from '../tables.ts'
import { markerColumn } from './marking.ts'

/** Keys that are written alike and share their proof make one set. */
export function createdSets(
  client: Client,
  table: Table,
  keys: readonly Key[],
  marker: RowMarker | undefined,
): CreatedSet[] {
  const births = birthsOf(client, table, keys, marker)
  const sets = new Map<string, CreatedSet & { keys: Json[] }>()
  for (const [i, key] of keys.entries()) {
    const birth = births.get(i)
    const name = birth === undefined ? key.types.join() : JSON.stringify([key.types, birth])
    const set = sets.get(name)
    if (set === undefined) sets.set(name, { ...setOf(client, table, key, birth), keys: [key.json] })
    else set.keys.push(key.json)
  }
  return [...sets.values()]
}

function setOf(client: Client, table: Table, { json, types }: Key, birth: Birth | undefined): CreatedSet {
  const step = rowRemoval('$driver', table.name, table.key, types)
  return { type: table.name, keys: [json], steps: [step], proof: proofOf(client, table, birth) }
}

/** What a row says of how it was made: columns and their values. */
interface Birth {
  readonly match: { readonly [column: string]: Json }
  /** The run is among them. */
  readonly isMarked: boolean
}

/** The rows' times of creation, and the run, where the table keeps them. */
function birthsOf(
  client: Client,
  table: Table,
  keys: readonly Key[],
  marker: RowMarker | undefined,
): Map<number, Birth> {
  const births = new Map<number, Birth>()
  const run = markerColumn(table, marker)
  const columns = [table.createdAt, run].filter((column) => column !== undefined)
  if (columns.length === 0) return births
  const alike = Map.groupBy(keys.entries(), ([, key]) => key.types.join())
  for (const group of alike.values()) {
    const lookup = { table, columns: table.key, types: group[0]?.[1].types ?? [], match: [] }
    const values = columns.map((column, index) => `x.${quoted(column)} AS v${index}`).join(', ')
    const sql = `SELECT j.key AS i, ${values} FROM ${found(lookup, '?', false)}`
    for (const row of client.all(sql, JSON.stringify(group.map(([, key]) => keyParts(key.json))))) {
      const index = group[Number(row.i)]?.[0]
      const isMarked = run !== undefined && row[`v${columns.indexOf(run)}`] === marker?.run
      const told = columns
        .map((column, at) => [column, jsonOf(row[`v${at}`] ?? null)] as const)
        .filter(([column, value]) => value !== null && (column !== run || isMarked))
      if (index !== undefined && told.length > 0) births.set(index, { match: Object.fromEntries(told), isMarked })
    }
  }
  return births
}

function jsonOf(value: SqlValue): Json {
  return typeof value === 'string' || typeof value === 'number' ? value : null
}

/** VACUUM renumbers rows that have a rowid only, and changes the schema's version: it is their incarnation. */
function proofOf(client: Client, table: Table, birth: Birth | undefined): Proof {
  return {
    strength: birth?.isMarked ? 'exact' : 'key-only',
    ...(birth === undefined ? {} : { match: birth.match }),
    ...(table.bare ? { incarnation: schemaVersion(client, table.schema) } : {}),
  }
}
