/** The part of a journal that was not sent yet. */
import { existsSync } from 'node:fs'
import { compactedLines } from '../journal/compacted-journal.ts'
import { type Bytes, readFrom } from '../journal/read-from.ts'

/** A number of lines, and their length in bytes. */
export interface Sent {
  readonly lines: number
  readonly bytes: number
}

export interface Unsent {
  /** Whole lines, each with its newline. */
  readonly text: string
  /** The position once `text` has been sent. */
  readonly sentAfter: Sent
  /** The text behind the last newline: a line that is being written, or was torn. */
  readonly torn: string
  /** Whether there is more than fitted. */
  readonly more: boolean
}

/** The next unsent lines, about `maxBytes` of them; a line is never cut. @throws file system errors */
export function unsentOf(file: string, sent: Sent, maxBytes: number): Unsent {
  const { whole, rest, more } = pieceOf(file, sent.bytes, maxBytes)
  const sentAfter = { lines: sent.lines + count(whole), bytes: sent.bytes + whole.length }
  return { text: textOf(whole), sentAfter, torn: more ? '' : textOf(rest), more }
}

const pieceBytes = 1_000_000

/** The position after that many lines, or at the end of a shorter journal. @throws file system errors */
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

function pieceOf(file: string, start: number, maxBytes: number): Piece {
  const { bytes, more } = existsSync(file) ? readFrom(file, start, maxBytes) : compactedFrom(file, start)
  const end = bytes.lastIndexOf(newline) + 1
  // A line longer than maxBytes.
  if (end === 0 && more) return pieceOf(file, start, maxBytes * 2)
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

/** The end of the first `lines` lines, in bytes. */
function endOf(bytes: Buffer, lines: number): number {
  let end = 0
  for (let n = 0; n < lines; n++) end = bytes.indexOf(newline, end) + 1
  return end
}

/** JSON never contains NUL, so a line with one cannot be parsed anyway; and some stores cannot hold it. */
const textOf = (bytes: Buffer): string => bytes.toString().replaceAll('\0', '\u0001')
