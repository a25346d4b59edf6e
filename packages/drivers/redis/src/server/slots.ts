/** Computes which of a cluster's 16,384 slots a key belongs to. */
import type { Arg } from '../keys.ts'

export function slotOf(key: Arg): number {
  const bytes = typeof key === 'string' ? Buffer.from(key) : key
  return crc16(tagIn(bytes)) % 16_384
}

/** Only the hash tag counts, if it is not empty: `user:1` in `{user:1}:cart`. */
function tagIn(bytes: Buffer): Buffer {
  const open = bytes.indexOf('{')
  const close = open < 0 ? -1 : bytes.indexOf('}', open + 1)
  return close > open + 1 ? bytes.subarray(open + 1, close) : bytes
}

function crc16(bytes: Buffer): number {
  let crc = 0
  for (const byte of bytes) crc = ((crc << 8) & 0xffff) ^ (table[(crc >> 8) ^ byte] as number)
  return crc
}

/** CRC-16/XMODEM, as specified by Redis Cluster. */
const table: readonly number[] = Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff
  return crc
})
