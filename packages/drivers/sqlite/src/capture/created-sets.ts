/** The ledger's view of created rows: their keys, how to remove them, and what shows that they are the same rows still. */
import type { CreatedSet, Json, Proof } from '@dustpan/core/driver'
import type { Client, SqlValue } from '../client.ts'
import type { Key } from '../keys.ts'
import { quoted } from '../quote.ts'
import { rowRemoval } from '../removal/removal.ts'
import { found } from '../rows.ts'
import { schemaVersion } from '../schema-version.ts'
import type { Table } from '../tables.ts'

/** Keys that are written alike and share their proof make one set. */
export function createdSets(client: Client, table: Table, keys: readonly Key[]): CreatedSet[] {
  const sets = new Map<string, { first: Key; keys: Json[]; proof: Proof }>()
  const births = birthsOf(client, table, keys)
  keys.forEach((key, i) => {
    const birth = births.get(i)
    const name = JSON.stringify([key.types, birth])
    const set = sets.get(name) ?? { first: key, keys: [], proof: proofOf(client, table, birth) }
    set.keys.push(key.json)
    sets.set(name, set)
  })
  return [...sets.values()].map(({ first, keys, proof }) => ({
    type: table.name,
    keys,
    steps: [rowRemoval('$driver', table.name, table.key, first.types)],
    proof,
  }))
}

/** The rows' times of creation, where the table keeps one. */
function birthsOf(client: Client, table: Table, keys: readonly Key[]): Map<number, Json> {
  const births = new Map<number, Json>()
  if (table.createdAt === undefined) return births
  const column = table.createdAt
  for (const types of new Set(keys.map((key) => key.types.join()))) {
    const alike = keys.flatMap((key, i) => (key.types.join() === types ? [{ i, parts: partsOf(key) }] : []))
    const lookup = {
      table,
      columns: table.key,
      types: alike.length > 0 ? (keys[alike[0]?.i ?? 0]?.types ?? []) : [],
      match: [],
    }
    const sql = `SELECT j.key AS i, x.${quoted(column)} AS birth FROM ${found(lookup, '?', false)}`
    for (const row of client.all(sql, JSON.stringify(alike.map(({ parts }) => parts)))) {
      const index = alike[Number(row.i)]?.i
      const birth = jsonOf(row.birth ?? null)
      if (index !== undefined && birth !== null) births.set(index, birth)
    }
  }
  return births
}

function partsOf(key: Key): readonly Json[] {
  return key.types.length === 1 ? [key.json] : (key.json as readonly Json[])
}

function jsonOf(value: SqlValue): Json {
  return typeof value === 'string' || typeof value === 'number' ? value : null
}

/** VACUUM renumbers rows that have a rowid only, and changes the schema's version: it is their incarnation. */
function proofOf(client: Client, table: Table, birth: Json | undefined): Proof {
  return {
    strength: 'key-only',
    ...(birth === undefined || table.createdAt === undefined ? {} : { match: { [table.createdAt]: birth } }),
    ...(table.bare ? { incarnation: schemaVersion(client, table.schema) } : {}),
  }
}
