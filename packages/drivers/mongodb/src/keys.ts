/** `_id` values as the ledger writes them: an ObjectId as its 24 digits, other values without a JSON form as extended JSON. */
import type { Json } from '@dustpan/core/driver'
import type { Ejson } from './mongo.ts'

/** The type of a key, which is recorded in the removal's arguments; keys of one type are removed together. */
export type IdType = 'objectId' | undefined

export interface Key {
  readonly json: Json
  readonly idType: IdType
}

interface BsonValue {
  readonly _bsontype: string
  toHexString?(): string
  toExtendedJSON?(options: { relaxed: boolean }): Json
  valueOf(): unknown
}

export function keyOf(given: unknown): Key {
  const id = isWritten(given) ? given.toBSON() : given
  if (isBson(id) && id._bsontype === 'ObjectId' && id.toHexString) return { json: id.toHexString(), idType: 'objectId' }
  return { json: comparable(extended(id)), idType: undefined }
}

/** Restores the value with its original type. */
export function idOf(key: Json, idType: IdType, ejson: Ejson): unknown {
  return ejson.deserialize(idType === 'objectId' ? { $oid: key } : key, { relaxed: false })
}

/**
 * Equal if and only if the server considers the values equal, whatever their number type and the library copy that
 * created them.
 */
export function textOf({ json, idType }: Key): string {
  return idType === 'objectId' ? `ObjectId ${String(json).toLowerCase()}` : JSON.stringify(comparable(json))
}

/**
 * Gives an unsafe integer one form, whether it is a double or a long; larger doubles, which no long can equal, stay as
 * they are.
 */
function comparable(value: Json): Json {
  if (typeof value === 'number') return isLong(value) ? wholeNumber(BigInt(value)) : value
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(comparable)
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, comparable(inner)]))
}

const isLong = (value: number): boolean => Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63

/** The BSON type of a value, for messages. */
export function typeName(value: unknown): string {
  if (isBson(value)) return value._bsontype
  if (value === null) return 'null'
  if (typeof value === 'object' && isDate(value)) return 'Date'
  return Array.isArray(value) ? 'array' : typeof value
}

/** Lossless extended JSON, except that whole numbers lose their type: the server compares them by value. */
export function extended(value: unknown): Json {
  if (typeof value === 'number') return Number.isFinite(value) ? value : { $numberDouble: String(value) }
  if (typeof value === 'bigint') return wholeNumber(value)
  if (typeof value !== 'object' || value === null) return (value ?? null) as Json
  if (isBson(value)) return bsonJson(value)
  if (isDate(value)) return { $date: { $numberLong: String(value.getTime() || 0) } }
  if (isBytes(value)) return { $binary: { base64: Buffer.from(value).toString('base64'), subType: '00' } }
  if (Array.isArray(value)) return value.map(extended)
  if (isWritten(value)) return extended(value.toBSON())
  const entries = isMap(value) ? [...value] : Object.entries(value)
  return Object.fromEntries(entries.map(([name, inner]) => [name, extended(inner)]))
}

/** Whether a JavaScript object keeps the order of the fields, which is part of a key: integer names always come first. */
export function keepsOrder(given: unknown): boolean {
  if (typeof given !== 'object' || given === null || isBson(given) || ArrayBuffer.isView(given)) return true
  const value = (isWritten(given) ? given.toBSON() : given) as object | null
  if (!isMap(value)) return value === given ? Object.values(value).every(keepsOrder) : keepsOrder(value)
  const names = [...value.keys()].map(String)
  const kept = Object.keys(Object.fromEntries(names.map((name) => [name, null])))
  return names.every((name, i) => name === kept[i]) && [...value.values()].every(keepsOrder)
}

function bsonJson(value: BsonValue): Json {
  if (value._bsontype === 'Int32' || value._bsontype === 'Double') return extended(Number(value.valueOf()))
  if (value._bsontype === 'Long') return wholeNumber(BigInt(String(value)))
  return value.toExtendedJSON?.({ relaxed: false }) ?? null
}

function wholeNumber(value: bigint): Json {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : { $numberLong: String(value) }
}

function isBson(value: unknown): value is BsonValue {
  return typeof (value as { _bsontype?: unknown } | null)?._bsontype === 'string'
}

/** Whether it defines its own BSON form. */
function isWritten(value: unknown): value is { toBSON(): unknown } {
  return typeof (value as { toBSON?: unknown } | null | undefined)?.toBSON === 'function'
}

/** `instanceof` fails for objects of another vm context. */
const isOf = (value: unknown, tag: string): boolean => Object.prototype.toString.call(value) === `[object ${tag}]`

const isDate = (value: object): value is Date => isOf(value, 'Date')

export const isBytes = (value: unknown): value is Uint8Array => isOf(value, 'Uint8Array')

export const isMap = (value: unknown): value is Map<string, unknown> => isOf(value, 'Map')
