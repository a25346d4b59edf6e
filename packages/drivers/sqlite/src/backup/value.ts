/**
 * Converts values to JSON and back without loss: a number is a REAL with a fraction or an INTEGER; values that JSON cannot
 * represent become an object.
 */
import type { Json } from '@dustpan/core/driver'
import type { SqlValue } from '../client.ts'

/** `type`: the result of SQLite's `typeof`. */
export function asJson(value: SqlValue, type: string): Json {
  if (value === null || typeof value === 'string') return value
  if (value instanceof Uint8Array) return { blob: Buffer.from(value).toString('hex') }
  if (typeof value === 'bigint') return { integer: value.toString() }
  const isPlain = type === 'integer' || (Number.isFinite(value) && !Number.isInteger(value))
  return isPlain ? value : { real: Object.is(value, -0) ? '-0' : String(value) }
}

/** Both client libraries bind a bigint as an INTEGER, and a number as a REAL. */
export function fromJson(json: Json): SqlValue {
  if (json === null || typeof json === 'string') return json
  if (typeof json === 'number') return Number.isInteger(json) ? BigInt(json) : json
  const { blob, integer, real } = json as { readonly blob?: string; readonly integer?: string; readonly real?: string }
  if (blob !== undefined) return Buffer.from(blob, 'hex')
  return integer === undefined ? Number(real) : BigInt(integer)
}
