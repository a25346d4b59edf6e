/** Reads part of a journal that is still being written. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

export interface Bytes {
  readonly bytes: Buffer
  /** Whether there is more than `maxBytes`. */
  readonly more: boolean
}

/** @param maxBytes @default everything. @throws file system errors */
export function readFrom(file: string, start: number, maxBytes = Number.POSITIVE_INFINITY): Bytes {
  const fd = openSync(file, 'r')
  try {
    const left = Math.max(0, fstatSync(fd).size - start)
    const bytes = Buffer.allocUnsafe(Math.min(left, maxBytes))
    const read = readSync(fd, bytes, 0, bytes.length, start)
    return { bytes: bytes.subarray(0, read), more: left > read && read > 0 }
  } finally {
    closeSync(fd)
  }
}
