/** The ledger's view of created rows: their keys, how to remove them, and what shows that they are the same rows still. */
import type { CreatedSet, Json, Proof } from '@dustpan/core/driver'
import type { Client, SqlValue } from '../client.ts'
import { type Key, keyParts } from '../keys.ts'
import { quoted } from '../quote.ts'
import { rowRemoval } from '../removal/removal.ts'
import { found } from '../rows.ts'
import { schemaVersion } from '../schema-version.ts'
import type { Table } from '../tables.ts'

/** Keys that are written alike and share their proof make one set. */
export function createdSets(client: Client, table: Table, keys: readonly Key[]): CreatedSet[] {
  const births = birthsOf(client, table, keys)
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

function setOf(client: Client, table: Table, { json, types }: Key, birth: Json | undefined): CreatedSet {
  const step = rowRemoval('$driver', table.name, table.key, types)
  return { type: table.name, keys: [json], steps: [step], proof: proofOf(client, table, birth) }
}

/** The rows' times of creation, where the table keeps one. */
function birthsOf(client: Client, table: Table, keys: readonly Key[]): Map<number, Json> {
  const births = new Map<number, Json>()
  if (table.createdAt === undefined) return births
  const alike = Map.groupBy(keys.entries(), ([, key]) => key.types.join())
  for (const group of alike.values()) {
    const lookup = { table, columns: table.key, types: group[0]?.[1].types ?? [], match: [] }
    const sql = `SELECT j.key AS i, x.${quoted(table.createdAt)} AS birth FROM ${found(lookup, '?', false)}`
    for (const row of client.all(sql, JSON.stringify(group.map(([, key]) => keyParts(key.json))))) {
      const index = group[Number(row.i)]?.[0]
      const birth = jsonOf(row.birth ?? null)
      if (index !== undefined && birth !== null) births.set(index, birth)
    }
  }
  return births
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
