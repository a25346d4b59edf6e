/** Parses row images from the log: values by column, or by position in a key, as SQLite's own types. */
import type { SqlValue } from '../client.ts'

export type Values = ReadonlyMap<string, SqlValue>

/** The values of a row image or a key. `5` is an integer, and `5.0` is not. */
export function valuesIn(json: string): Values {
  return new Map(Object.entries(JSON.parse(json, typed) as Record<string, SqlValue>))
}

type Part = SqlValue | { readonly blob?: string; readonly integer?: string | bigint }

/** A third argument contains the source text of a number (https://github.com/tc39/proposal-json-parse-with-source). */
function typed(this: unknown, name: string, value: Part, context?: { readonly source?: string }): unknown {
  if (typeof value === 'number') return /^-?\d+$/.test(context?.source ?? '') ? BigInt(context?.source ?? 0) : value
  if (name === '' || value === null || typeof value !== 'object') return value
  if ('blob' in value && typeof value.blob === 'string') return Buffer.from(value.blob, 'hex')
  return 'integer' in value ? BigInt(value.integer ?? 0) : value
}

export function isSame(a: SqlValue | undefined, b: SqlValue | undefined): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0
  return a === b
}
