/** What of a journal was not sent yet. */
import { existsSync } from 'node:fs'
import { compactedLines } from '../ledger/compacted-journal.ts'
import { type Bytes, readFrom } from '../ledger/read-from.ts'

/** So many lines, which take so many bytes. */
export interface Sent {
  readonly lines: number
  readonly bytes: number
}

export interface Unsent {
  /** Whole lines, each with its end. */
  readonly text: string
  /** What is sent when that has arrived. */
  readonly then: Sent
  /** What stands behind the last line's end: a line that is being written, or was torn. */
  readonly torn: string
  /** There is more than fitted. */
  readonly more: boolean
}

/** About so many bytes of it; a line is never cut. @throws what the file system throws */
export function unsentOf(file: string, sent: Sent, most: number): Unsent {
  const { whole, rest, more } = pieceOf(file, sent.bytes, most)
  const then = { lines: sent.lines + count(whole), bytes: sent.bytes + whole.length }
  return { text: textOf(whole), then, torn: more ? '' : textOf(rest), more }
}

const pieceBytes = 1_000_000

/** Behind that many lines of it; behind all of them when it has not so many. @throws what the file system throws */
export function sentLines(file: string, lines: number): Sent {
  let sent: Sent = { lines: 0, bytes: 0 }
  while (sent.lines < lines) {
    const { whole, more } = pieceOf(file, sent.bytes, pieceBytes)
    const taken = Math.min(count(whole), lines - sent.lines)
    sent = { lines: sent.lines + taken, bytes: sent.bytes + endOf(whole, taken) }
    if (!more) break
  }
  return sent
}

interface Piece {
  readonly whole: Buffer
  readonly rest: Buffer
  readonly more: boolean
}

const newline = 10

function pieceOf(file: string, start: number, most: number): Piece {
  const { bytes, more } = existsSync(file) ? readFrom(file, start, most) : compactedFrom(file, start)
  const end = bytes.lastIndexOf(newline) + 1
  // A line that is longer than that.
  if (end === 0 && more) return pieceOf(file, start, most * 2)
  return { whole: bytes.subarray(0, end), rest: bytes.subarray(end), more }
}

function compactedFrom(file: string, start: number): Bytes {
  return { bytes: Buffer.from(compactedLines(file).join('\n')).subarray(start), more: false }
}

function count(bytes: Buffer): number {
  let lines = 0
  for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + 1)) lines++
  return lines
}

/** Of the first so many lines. */
function endOf(bytes: Buffer, lines: number): number {
  let end = 0
  for (let n = 0; n < lines; n++) end = bytes.indexOf(newline, end) + 1
  return end
}

/** No text of JSON has that sign, so that a line with it cannot be read anyway; and some stores cannot hold it. */
const textOf = (bytes: Buffer): string => bytes.toString().replaceAll('\0', '\u0001')
