import type { Json } from '@dustpan/core/driver'
import { isInCalendar } from '../calendar.ts'
import { isBinary, keyValue } from '../removal/statement-parts.ts'
import type { Column } from '../tables.ts'
import { hasLetters, type Passage } from './charsets.ts'
import type { Value } from './statement.ts'

/** What a value will be in its column: a key's part, one that the server makes up, or unknown. */
export type Written = { readonly key: Json } | 'generated' | 'unknown'

export interface Meaning {
  /** For the places of a prepared statement. */
  readonly parameters: readonly unknown[]
  readonly quotesNames: boolean
  /** A zero is no wish for a number. */
  readonly countsFromZero: boolean
  /** Texts with other letters may come to the server as others. */
  readonly letters: Passage
}

/** Only what is stored as it is written counts: what the server would round, cut or pad is unknown. */
export function writtenIn(column: Column, value: Value | undefined, meaning: Meaning): Written {
  const { parameters, quotesNames } = meaning
  if (value === undefined) return column.autoIncrement ? 'generated' : byDefault(column)
  if (value.is === 'place') return ofParameter(column, parameters[value.index], meaning)
  if (value.is === 'null') return column.autoIncrement ? 'generated' : 'unknown'
  if (value.is === 'default') return column.autoIncrement ? 'generated' : byDefault(column)
  if (value.is === 'quoted') return quotesNames ? 'unknown' : stored(column, value.text, 'text', meaning)
  return value.is === 'other' ? 'unknown' : stored(column, value.text, value.is, meaning)
}

/** A default that is no expression is not what a key is made of. */
function byDefault(_column: Column): Written {
  return 'unknown'
}

function ofParameter(column: Column, value: unknown, meaning: Meaning): Written {
  if (value === null) return column.autoIncrement ? 'generated' : 'unknown'
  if (Buffer.isBuffer(value)) return stored(column, value.toString('hex'), 'hex', meaning)
  // It goes as a DOUBLE, which the server writes in its own way from there on.
  if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER) return 'unknown'
  if (typeof value === 'number' || typeof value === 'bigint') return stored(column, String(value), 'number', meaning)
  return typeof value === 'string' ? stored(column, value, 'text', meaning) : 'unknown'
}

function stored(column: Column, text: string, is: 'text' | 'number' | 'hex', meaning: Meaning): Written {
  const { countsFromZero, letters } = meaning
  if (is === 'hex') return storedBytes(column, text)
  if (!hasLetters(letters, text)) return 'unknown'
  // An ENUM takes a number for the place of a member.
  if (is === 'number' && column.type === 'enum') return 'unknown'
  const rule = rules[column.type]
  if (!rule?.(text, column) || (is === 'number' && isCharacter(column) && !isShortInteger.test(text))) return 'unknown'
  if (column.autoIncrement && Number(text) === 0 && !countsFromZero) return 'generated'
  return { key: keyValue(column, text) }
}

/** Of other numbers the server makes another text: `7` of `007`, `1e20` of what a prepared statement sends as a double. */
const isShortInteger = /^(?:0|-?[1-9]\d{0,14})$/

function isCharacter({ charset }: Column): boolean {
  return charset !== null
}

function storedBytes(column: Column, hex: string): Written {
  if (!isBinary(column)) return 'unknown'
  if (column.type === 'binary') return hex.length === 2 * column.length ? { key: `0x${hex}` } : 'unknown'
  return hex.length <= 2 * column.length ? { key: `0x${hex}` } : 'unknown'
}

type Rule = (text: string, column: Column) => boolean

const ranges: { readonly [type: string]: bigint } = {
  tinyint: 8n,
  smallint: 16n,
  mediumint: 24n,
  int: 32n,
  bigint: 64n,
}

const isInteger: Rule = (text, { type, fullType }) => {
  if (!/^(?:0|-?[1-9]\d{0,19})$/.test(text)) return false
  const [value, bits] = [BigInt(text), ranges[type] ?? 0n]
  return fullType.includes('unsigned')
    ? value >= 0n && value < 1n << bits
    : value >= -(1n << (bits - 1n)) && value < 1n << (bits - 1n)
}

/**
 * A collation may know the text by another one (`a` and `A`); the row goes by what is stored. For letters that the column has not there are
 * question marks where sql_mode is not strict.
 */
const isText: Rule = (text, { length, type, fullType, charset }) => {
  if (!hasLetters(charset ?? '', text)) return false
  const most = Number(/^(?:var)?char\((\d+)\)/.exec(fullType)?.[1] ?? length)
  const isShort = Buffer.byteLength(text) <= length && (text.length <= most || [...text].length <= most)
  return isShort && text.isWellFormed() && !(type === 'char' && text.endsWith(' '))
}

const isDecimal: Rule = (text, { fullType }) => {
  const [, precision = '10', scale = '0'] = /\((\d+)(?:,(\d+))?\)/.exec(fullType) ?? []
  const [, sign, whole = '', fraction = ''] = /^(-)?(0|[1-9]\d*)(?:\.(\d+))?$/.exec(text) ?? []
  if (sign && (fullType.includes('unsigned') || Number(text) === 0)) return false
  return whole !== '' && fraction.length === Number(scale) && whole.length <= Number(precision) - Number(scale)
}

const isDate: Rule = (text) => /^[1-9]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/.test(text) && isInCalendar(text)

const isDateTime: Rule = (text, { fullType }) => {
  const digits = Number(/\((\d)\)/.exec(fullType)?.[1] ?? 0)
  const [, date = '', fraction = ''] = /^(\S{10}) (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.(\d+))?$/.exec(text) ?? []
  return isDate(date, {} as Column) && fraction.length === digits
}

const isUuid: Rule = (text) => /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/.test(text)

const rules: { readonly [type: string]: Rule | undefined } = {
  ...Object.fromEntries(Object.keys(ranges).map((type) => [type, isInteger])),
  ...{ char: isText, varchar: isText, tinytext: isText, text: isText, mediumtext: isText, longtext: isText },
  ...{ decimal: isDecimal, date: isDate, datetime: isDateTime, uuid: isUuid },
  enum: (text, { fullType }) => fullType.includes(`'${text.toLowerCase().replaceAll("'", "''")}'`),
}
