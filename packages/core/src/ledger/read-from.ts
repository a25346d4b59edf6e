/** A part of a journal that goes on being written. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

export interface Bytes {
  readonly bytes: Buffer
  /** There is more than was asked for. */
  readonly more: boolean
}

/** `most`: in bytes. Default: all there is. @throws what the file system throws */
export function readFrom(file: string, start: number, most = Number.POSITIVE_INFINITY): Bytes {
  const fd = openSync(file, 'r')
  try {
    const left = Math.max(0, fstatSync(fd).size - start)
    const bytes = Buffer.allocUnsafe(Math.min(left, most))
    const read = readSync(fd, bytes, 0, bytes.length, start)
    return { bytes: bytes.subarray(0, read), more: left > read && read > 0 }
  } finally {
    closeSync(fd)
  }
}
