/** Builds the records of created rows: their keys, their removal, and the proof that they are still the same rows. */
import type { CreatedSet, Json, Proof, RowMarker } from '@dustpan/core/driver'
import type { Client, SqlValue } from '../client.ts'
import { type Key, keyParts } from '../keys.ts'
import { quoted } from '../quote.ts'
import { rowRemoval } from '../removal/spec.ts'
import { found } from '../rows.ts'
import { schemaVersion } from '../schema-version.ts'
import type { Table } from '../tables.ts'
import { markerColumn } from './marking.ts'

/** Groups keys with the same key types and the same proof into one set. */
export function createdSets(
  client: Client,
  table: Table,
  keys: readonly Key[],
  marker: RowMarker | undefined,
): CreatedSet[] {
  const creations = creationsOf(client, table, keys, marker)
  const sets = new Map<string, CreatedSet & { keys: Json[] }>()
  for (const [i, key] of keys.entries()) {
    const creation = creations.get(i)
    const name = creation === undefined ? key.types.join() : JSON.stringify([key.types, creation])
    const set = sets.get(name)
    if (set === undefined) sets.set(name, { ...setOf(client, table, key, creation), keys: [key.json] })
    else set.keys.push(key.json)
  }
  return [...sets.values()]
}

function setOf(client: Client, table: Table, { json, types }: Key, creation: Creation | undefined): CreatedSet {
  const step = rowRemoval('$driver', table.name, table.key, types)
  return { type: table.name, keys: [json], steps: [step], proof: proofOf(client, table, creation) }
}

/** Column values that identify how a row was created. */
interface Creation {
  readonly match: { readonly [column: string]: Json }
  /** Whether the run id is among them. */
  readonly isMarked: boolean
}

/** The rows' creation times and run ids, in tables that have these columns. */
function creationsOf(
  client: Client,
  table: Table,
  keys: readonly Key[],
  marker: RowMarker | undefined,
): Map<number, Creation> {
  const creations = new Map<number, Creation>()
  const run = markerColumn(table, marker)
  const columns = [table.createdAt, run].filter((column) => column !== undefined)
  if (columns.length === 0) return creations
  const byType = Map.groupBy(keys.entries(), ([, key]) => key.types.join())
  for (const group of byType.values()) {
    const lookup = { table, columns: table.key, types: group[0]?.[1].types ?? [], match: [] }
    const values = columns.map((column, index) => `x.${quoted(column)} AS v${index}`).join(', ')
    const sql = `SELECT j.key AS i, ${values} FROM ${found(lookup, '?', false)}`
    for (const row of client.all(sql, JSON.stringify(group.map(([, key]) => keyParts(key.json))))) {
      const index = group[Number(row.i)]?.[0]
      const isMarked = run !== undefined && row[`v${columns.indexOf(run)}`] === marker?.run
      const matched = columns
        .map((column, at) => [column, jsonOf(row[`v${at}`] ?? null)] as const)
        .filter(([column, value]) => value !== null && (column !== run || isMarked))
      if (index !== undefined && matched.length > 0)
        creations.set(index, { match: Object.fromEntries(matched), isMarked })
    }
  }
  return creations
}

function jsonOf(value: SqlValue): Json {
  return typeof value === 'string' || typeof value === 'number' ? value : null
}

/**
 * VACUUM renumbers rows that are identified only by a rowid, and changes the schema version, which serves as their incarnation.
 */
function proofOf(client: Client, table: Table, creation: Creation | undefined): Proof {
  return {
    strength: creation?.isMarked ? 'exact' : 'key-only',
    ...(creation === undefined ? {} : { match: creation.match }),
    ...(table.bare ? { incarnation: schemaVersion(client, table.schema) } : {}),
  }
}
