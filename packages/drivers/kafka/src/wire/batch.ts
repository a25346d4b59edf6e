/** Encodes a batch with one tombstone (record format 2), and computes the partition of a key. */
import { MessageWriter } from './message.ts'

export function tombstoneBatch(key: string, at: number): Buffer {
  const bytes = Buffer.from(key)
  const record = new MessageWriter()
    .int8(0)
    .zigzag(0)
    .zigzag(0)
    .zigzag(bytes.length)
    .raw(bytes)
    .zigzag(-1)
    .zigzag(0).bytes
  const time = BigInt(at)
  const checked = new MessageWriter().int16(0).int32(0).int64(time).int64(time).int64(-1n).int16(-1).int32(-1).int32(1)
  const body = checked.zigzag(record.length).raw(record).bytes
  const head = new MessageWriter().int32(-1).int8(2).uint32(crc32c(body)).bytes
  return new MessageWriter()
    .int64(0n)
    .int32(head.length + body.length)
    .raw(head)
    .raw(body).bytes
}

/** The same partition that Java's clients, kafkajs and @platformatic/kafka choose for a key. */
export function partitionOf(key: string, partitions: number): number {
  return (murmur2(Buffer.from(key)) & 0x7fffffff) % Math.max(partitions, 1)
}

function murmur2(data: Buffer): number {
  const m = 0x5bd1e995
  let h = 0x9747b28c ^ data.length
  const whole = data.length - (data.length % 4)
  for (let at = 0; at < whole; at += 4) {
    const k = Math.imul(data.readInt32LE(at), m)
    h = Math.imul(h, m) ^ Math.imul(k ^ (k >>> 24), m)
  }
  for (let i = data.length - whole - 1; i >= 0; i--) h ^= (data[whole + i] ?? 0) << (8 * i)
  if (whole < data.length) h = Math.imul(h, m)
  h = Math.imul(h ^ (h >>> 13), m)
  return h ^ (h >>> 15)
}

function crc32c(data: Buffer): number {
  let crc = -1
  for (const byte of data) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0)
  }
  return ~crc
}
