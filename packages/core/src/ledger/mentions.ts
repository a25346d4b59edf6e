/** Whether a run may know of a resource, by searching the raw bytes of its journals: parsing each line takes many times as long. */
import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { isJournal } from '../journal/compacted-journal.ts'

/** Whether one of the run's journals contains all these texts, each as one or more whole words. True for files that cannot be searched. */
export function mentions(folder: string, texts: readonly string[]): boolean {
  const wanted = texts.map((text) => Buffer.from(JSON.stringify(text).slice(1, -1)))
  return readdirSync(folder)
    .filter(isJournal)
    .some((file) => hasAll(join(folder, file), wanted))
}

function hasAll(file: string, wanted: readonly Buffer[]): boolean {
  const missing = new Set(wanted)
  const overlap = Math.max(...wanted.map(({ length }) => length)) + 1
  try {
    for (const bytes of piecesOf(file, overlap)) {
      for (const text of missing) if (hasWord(bytes, text)) missing.delete(text)
      if (missing.size === 0) return true
    }
    return false
  } catch {
    // Just compacted, or damaged.
    return true
  }
}

const longestPieceBytes = 8_000_000

/** In pieces, because a journal may exceed the memory. Each piece repeats the end of the previous one. */
function* piecesOf(file: string, overlap: number): Generator<Buffer> {
  if (file.endsWith('.gz')) return yield gunzipSync(readFileSync(file))
  const fd = openSync(file, 'r')
  try {
    const pieceBytes = Math.min(longestPieceBytes, fstatSync(fd).size + 1)
    const buffer = Buffer.alloc(pieceBytes + overlap)
    for (let kept = 0; ; ) {
      const read = readSync(fd, buffer, kept, pieceBytes, null)
      if (read === 0) return
      const end = kept + read
      yield buffer.subarray(0, end)
      kept = Math.min(overlap, end)
      buffer.copyWithin(0, end - kept, end)
    }
  } finally {
    closeSync(fd)
  }
}

/** `42` is not a word in `1420`, `"n":42` or `"w-42"`: a key is in a list, in quotes, or at the end of a path. */
function hasWord(bytes: Buffer, text: Buffer): boolean {
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) {
    if (!isInWord(bytes[at - 1]) && !isInWord(bytes[at + text.length])) return true
  }
  return false
}

/** ASCII letters and digits, and characters that join them. */
const isInWord = (byte = 0): boolean => /[\w.:-]/.test(String.fromCharCode(byte))
