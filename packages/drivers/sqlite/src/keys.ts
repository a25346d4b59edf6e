/** Converts row keys between SQLite's five types and JSON. */
import type { Json } from '@dustpan/core/driver'
import { type SqlValue, safeNumber } from './client.ts'

/** How a key part is written in JSON: as is, or as text that represents a large integer or a blob (hex). */
export type KeyType = 'plain' | 'integer' | 'blob'

export interface Key {
  readonly json: Json
  readonly types: readonly KeyType[]
}

/** Undefined for a key that contains NULL, which identifies no row. */
export function keyOf(values: readonly SqlValue[]): Key | undefined {
  const parts = values.map(keyPart)
  if (parts.some((part) => part === undefined)) return undefined
  const known = parts.filter((part) => part !== undefined)
  const json = known.map((part) => part.json)
  return { json: json.length === 1 ? (json[0] as Json) : json, types: known.map((part) => part.type) }
}

/** The parts of a recorded key. */
export function keyParts(key: Json): readonly Json[] {
  return Array.isArray(key) ? key : [key as Json]
}

/**
 * SQL for a key part from JSON. The plus removes CAST's affinity, which would make text that looks like the number equal to it.
 */
export function keyValue(type: KeyType, sql: string): string {
  if (type === 'integer') return `+CAST(${sql} AS INTEGER)`
  return type === 'blob' ? `unhex(${sql})` : sql
}

function keyPart(given: SqlValue): { json: Json; type: KeyType } | undefined {
  const value = safeNumber(given)
  if (typeof value === 'bigint') return { json: value.toString(), type: 'integer' }
  if (value instanceof Uint8Array) return { json: Buffer.from(value).toString('hex'), type: 'blob' }
  if (value === null || (typeof value === 'number' && !Number.isFinite(value))) return undefined
  return { json: value, type: 'plain' }
}
