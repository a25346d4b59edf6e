/** Reads the raw values of a row from the server's packet, bypassing mysql2's conversions. */
import type { FieldDefinition, Packet } from '../mysql2.ts'

/** A number as text, in either protocol. Undefined: not read. */
export type RawValue = Buffer | null | undefined

/** `isBinary`: the row of a prepared statement. */
export function valuesIn(packet: Packet, fields: readonly FieldDefinition[], isBinary: boolean): readonly RawValue[] {
  const reader = new RowReader(packet)
  return isBinary ? binaryRow(reader, fields) : fields.map(() => reader.lengthPrefixed())
}

class RowReader {
  readonly #buffer: Buffer
  #at: number

  constructor({ buffer, offset }: Packet) {
    this.#buffer = buffer
    this.#at = offset
  }

  bytes(count: number): Buffer {
    this.#at += count
    return this.#buffer.subarray(this.#at - count, this.#at)
  }

  /** A length-prefixed value. */
  lengthPrefixed(): Buffer | null {
    const [first = 0] = this.bytes(1)
    if (first === 0xfb) return null
    const size = { 252: 2, 253: 3, 254: 8 }[first]
    if (size === undefined) return this.bytes(first)
    const length = this.bytes(size)
    return this.bytes(size === 8 ? Number(length.readBigUInt64LE()) : length.readUIntLE(0, size))
  }
}

function binaryRow(reader: RowReader, fields: readonly FieldDefinition[]): readonly RawValue[] {
  reader.bytes(1)
  const nullBitmap = reader.bytes((fields.length + 9) >> 3)
  return fields.map((field, index) => {
    const isNull = ((nullBitmap[(index + 2) >> 3] ?? 0) & (1 << ((index + 2) & 7))) !== 0
    return isNull ? null : binaryValue(reader, field)
  })
}

/** Byte sizes of integers, by protocol type. */
const integers: { readonly [type: number]: number | undefined } = { 1: 1, 2: 2, 3: 4, 8: 8, 9: 4, 13: 2 }
/** Byte sizes of other types without a length prefix. */
const otherSizes: { readonly [type: number]: number | undefined } = { 4: 4, 5: 8 }
const times = new Set([7, 10, 11, 12])
const unsigned = 32

function binaryValue(reader: RowReader, { columnType, flags }: FieldDefinition): RawValue {
  const size = integers[columnType]
  if (size !== undefined) {
    const bytes = Buffer.alloc(8)
    reader.bytes(size).copy(bytes)
    const value = bytes.readBigUInt64LE()
    return Buffer.from(String((flags & unsigned) === 0 ? BigInt.asIntN(8 * size, value) : value))
  }
  const otherSize = otherSizes[columnType]
  if (otherSize !== undefined) reader.bytes(otherSize)
  else {
    const value = reader.lengthPrefixed()
    return times.has(columnType) ? undefined : value
  }
  return undefined
}
