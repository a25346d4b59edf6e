/** Writes key values as typed literals, and in the form in which a server returns them. */
import { quoteText } from './quote.ts'

export type Scalar = string | number | boolean

const time = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?$/
const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?$/
const date = /^\d{4}-\d\d-\d\d$/
const integer = /^-?\d+$/
const decimal = /^-?\d+(?:\.\d+)?$/

/** The type under `Nullable` and `LowCardinality`. */
export function bareType(type: string): string {
  const inner = /^(?:Nullable|LowCardinality)\((.*)\)$/s.exec(type)?.[1]
  return inner === undefined ? type : bareType(inner)
}

/**
 * A literal that equals the stored value in `IN (…)` and lets the server use the primary key. Undefined: values of this
 * type cannot be compared reliably.
 */
export function literal(type: string, value: Scalar): string | undefined {
  const { bare, name, args } = partsOfType(type)
  const range = ranges.get(name)
  if (range) return inRange(value, range)
  const text = String(value)
  if (/^U?Int(?:128|256)$/.test(name)) return integer.test(text) ? quoteText(text) : undefined
  if (/^Float(?:32|64)$/.test(name)) return isFiniteNumber(value) ? `CAST(${quoteText(text)} AS ${name})` : undefined
  if (/^Decimal/.test(name)) return decimal.test(text) ? `CAST(${quoteText(text)} AS ${bare})` : undefined
  if (name === 'Bool') return /^(?:true|1)$/.test(text) ? 'true' : /^(?:false|0)$/.test(text) ? 'false' : undefined
  if (name === 'Date' || name === 'Date32') return date.test(text) ? quoteText(text) : undefined
  if (name === 'DateTime') return dateTime(text, args[0])
  if (name === 'DateTime64') return dateTime64(text, args[0] ?? '3', args[1])
  if (/^Enum(?:8|16)$/.test(name)) return typeof value === 'number' ? whole(value) : quoteText(text)
  return /^(?:String|FixedString|UUID|IPv4|IPv6)$/.test(name) ? quoteText(text) : undefined
}

interface TypeParts {
  readonly bare: string
  readonly name: string
  readonly args: readonly string[]
}

const knownTypes = new Map<string, TypeParts>()

/** Cached, since it is needed for every key. */
function partsOfType(type: string): TypeParts {
  const known = knownTypes.get(type)
  if (known) return known
  const bare = bareType(type)
  const [name = '', ...args] = bare.split(/[(,)]\s*/).filter((part) => part !== '')
  const parts = { bare, name, args }
  knownTypes.set(type, parts)
  return parts
}

/** The value as the server writes it. Undefined: the server may write it differently. */
export function asWritten(type: string, value: unknown): string | undefined {
  const name = bareType(type).replace(/\(.*$/s, '')
  const text = String(value)
  if (/^U?Int/.test(name)) return typeof value === 'boolean' ? String(Number(value)) : canonicalInteger(text)
  if (name === 'String') return text
  if (name === 'FixedString') return text.replace(/\0+$/, '')
  if (name === 'UUID') return text.toLowerCase()
  return (name === 'Date' || name === 'Date32') && date.test(text) ? text : undefined
}

/** `9007199254740993` becomes a string and `7` a number, whichever was given. */
export function keyValue(type: string, value: Scalar): Scalar {
  if (!/^U?Int/.test(bareType(type))) return value
  const text = typeof value === 'boolean' ? String(Number(value)) : canonicalInteger(String(value))
  return text !== undefined && Number.isSafeInteger(Number(text)) ? Number(text) : (text ?? value)
}

function whole(value: Scalar): string | undefined {
  if (Number.isSafeInteger(value)) return String(value)
  return typeof value === 'boolean' ? String(Number(value)) : canonicalInteger(String(value))
}

type Range = readonly [least: bigint, most: bigint]

const ranges: ReadonlyMap<string, Range> = new Map(
  [8n, 16n, 32n, 64n].flatMap((bits): (readonly [string, Range])[] => [
    [`UInt${bits}`, [0n, 2n ** bits - 1n]],
    [`Int${bits}`, [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n]],
  ]),
)

/** Undefined if the value is out of range: the server would store a different one. */
function inRange(value: Scalar, [least, most]: Range): string | undefined {
  const digits = whole(value)
  if (digits === undefined) return undefined
  const exact = Number.isSafeInteger(value) ? (value as number) : BigInt(digits)
  return exact >= least && exact <= most ? digits : undefined
}

function canonicalInteger(text: string): string | undefined {
  return integer.test(text) ? String(BigInt(text)) : undefined
}

function isFiniteNumber(value: Scalar): boolean {
  return typeof value !== 'boolean' && String(value).trim() !== '' && Number.isFinite(Number(value))
}

/**
 * `zone` is already a literal, taken from the type. A server of 2018 reads a plain string in its own zone, whatever the
 * column's.
 */
function dateTime(text: string, zone: string | undefined): string | undefined {
  const inZone = zone === undefined ? '' : `, ${zone}`
  if (integer.test(text)) return `toDateTime(${text}${inZone})`
  if (isoTime.test(text)) return `parseDateTimeBestEffort(${quoteText(text)}${inZone})`
  if (!time.test(text)) return undefined
  const stored = quoteText(text.replace(/\..*$/, ''))
  return zone === undefined ? stored : `toDateTime(${stored}${inZone})`
}

function dateTime64(text: string, precision: string, zone: string | undefined): string | undefined {
  const rest = zone === undefined ? precision : `${precision}, ${zone}`
  if (isoTime.test(text)) return `parseDateTime64BestEffort(${quoteText(text)}, ${rest})`
  return time.test(text) ? `toDateTime64(${quoteText(text)}, ${rest})` : undefined
}
