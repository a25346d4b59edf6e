/** Encodes and decodes Kafka's protocol, in its flexible versions (KIP-482): lengths are varints plus one, with zero for null. */
import { DustpanError } from '@dustpan/core/driver'

export class MessageWriter {
  readonly #parts: Buffer[] = []

  get bytes(): Buffer {
    return Buffer.concat(this.#parts)
  }

  int8(value: number): this {
    return this.raw(Buffer.of(value & 0xff))
  }

  int16(value: number): this {
    const bytes = Buffer.alloc(2)
    bytes.writeInt16BE(value)
    return this.raw(bytes)
  }

  int32(value: number): this {
    const bytes = Buffer.alloc(4)
    bytes.writeInt32BE(value)
    return this.raw(bytes)
  }

  int64(value: bigint): this {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64BE(value)
    return this.raw(bytes)
  }

  uint32(value: number): this {
    return this.int32(value | 0)
  }

  boolean(value: boolean): this {
    return this.int8(value ? 1 : 0)
  }

  varint(value: number): this {
    const bytes: number[] = []
    let rest = value >>> 0
    for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
    bytes.push(rest)
    return this.raw(Buffer.from(bytes))
  }

  /** A signed varint, as records in a batch use. */
  zigzag(value: number): this {
    return this.varint((value << 1) ^ (value >> 31))
  }

  string(value: string | null): this {
    return this.blob(value === null ? null : Buffer.from(value))
  }

  /** A string in the format before the flexible versions. */
  oldString(value: string): this {
    const bytes = Buffer.from(value)
    return this.int16(bytes.length).raw(bytes)
  }

  blob(value: Buffer | null): this {
    return value === null ? this.varint(0) : this.varint(value.length + 1).raw(value)
  }

  uuid(value: string): this {
    return this.raw(Buffer.from(value.replaceAll('-', ''), 'hex'))
  }

  array<T>(items: readonly T[], write: (item: T) => unknown): this {
    this.varint(items.length + 1)
    for (const item of items) write(item)
    return this
  }

  /** Ends a structure, without tagged fields. */
  end(): this {
    return this.int8(0)
  }

  raw(bytes: Buffer): this {
    this.#parts.push(bytes)
    return this
  }
}

export class MessageReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  int8(): number {
    return this.#take(1).readInt8()
  }

  int16(): number {
    return this.#take(2).readInt16BE()
  }

  int32(): number {
    return this.#take(4).readInt32BE()
  }

  int64(): bigint {
    return this.#take(8).readBigInt64BE()
  }

  boolean(): boolean {
    return this.int8() !== 0
  }

  varint(): number {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.#take(1).readUInt8()
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
    }
  }

  string(): string {
    return this.nullableString() ?? ''
  }

  nullableString(): string | null {
    const length = this.varint()
    return length === 0 ? null : this.#take(length - 1).toString()
  }

  oldString(): string {
    return this.#take(this.int16()).toString()
  }

  blob(): Buffer {
    const length = this.varint()
    return length === 0 ? Buffer.alloc(0) : this.#take(length - 1)
  }

  uuid(): string {
    return this.#take(16)
      .toString('hex')
      .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  }

  array<T>(read: () => T): T[] {
    return Array.from({ length: Math.max(this.varint() - 1, 0) }, read)
  }

  oldArray<T>(read: () => T): T[] {
    return Array.from({ length: Math.max(this.int32(), 0) }, read)
  }

  /** Skips tagged fields, which later versions add. */
  tags(): void {
    for (let left = this.varint(); left > 0; left--) {
      this.varint()
      this.#take(this.varint())
    }
  }

  #take(length: number): Buffer {
    if (length < 0 || this.#at + length > this.#bytes.length) {
      throw new DustpanError('DUSTPAN_STORE_UNREACHABLE', 'The answer is not one of a Kafka broker, or was cut off.')
    }
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }
}
