/** Copies of other machines' journals: `<writer>.elsewhere.jsonl`. Readers treat them like any other journal; they are never sent on. */
import { closeSync, fstatSync, openSync, readdirSync, readSync, renameSync, rmSync, writeSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { WriterId } from '../resource/resource.ts'
import { compactedLines, isJournal, plainName } from './compacted-journal.ts'

const ending = '.elsewhere.jsonl'

/** The journals in a run's folder that this machine's processes wrote, by their plain names. */
export function ownJournals(folder: string): readonly string[] {
  const names = readdirSync(folder).filter(isJournal).map(plainName)
  return [...new Set(names.filter((name) => !isCopy(name)))].sort()
}

export const isCopy = (journal: string): boolean => plainName(journal).endsWith(ending)

export const writerOf = (journal: string): WriterId => basename(journal, '.jsonl')

export const copyOf = (folder: string, writer: WriterId): string => join(folder, writer + ending)

/** Whether a run's folder has journals of other machines. */
export function hasCopies(folder: string): boolean {
  return readdirSync(folder).some(isCopy)
}

/** How many changes of that writer the shared ledger had when the copy was made. Undefined if there is no complete copy. */
export function changesIn(copy: string): number | undefined {
  try {
    const { e, changes } = JSON.parse(lastLine(copy)) as { e?: unknown; changes?: unknown }
    return e === 'copied' && typeof changes === 'number' ? changes : undefined
  } catch {
    return undefined
  }
}

/** Atomic, so that readers and concurrent writers find a complete copy. `at`: the run's last sign of life. */
export async function writeCopy(
  copy: string,
  pieces: AsyncIterable<string>,
  { changes, at }: { readonly changes: number; readonly at: number },
): Promise<void> {
  const fresh = join(dirname(copy), `${basename(copy)}.${process.pid}.new`)
  const fd = openSync(fresh, 'w', 0o600)
  try {
    for await (const piece of pieces) writeSync(fd, markElsewhere(piece))
    writeSync(fd, `${JSON.stringify({ v: 1, n: Number.MAX_SAFE_INTEGER, t: at, e: 'copied', changes })}\n`)
    renameSync(fresh, copy)
  } finally {
    closeSync(fd)
    rmSync(fresh, { force: true })
  }
}

/** Marks the writer as another machine's: its process cannot be observed from here, even if this machine has the same name. */
function markElsewhere(piece: string): string {
  if (!piece.includes('"e":"writer"')) return piece
  return piece
    .split('\n')
    .map((line) => (line.includes('"e":"writer"') ? markedLine(line) : line))
    .join('\n')
}

function markedLine(line: string): string {
  try {
    const event = JSON.parse(line) as { e?: unknown }
    return event.e === 'writer' ? JSON.stringify({ ...event, elsewhere: true }) : line
  } catch {
    return line
  }
}

/** The last line of a copy is always shorter than this. */
const tailBytes = 500

function lastLine(copy: string): string {
  try {
    const fd = openSync(copy, 'r')
    try {
      const { size } = fstatSync(fd)
      const bytes = Buffer.alloc(Math.min(size, tailBytes))
      readSync(fd, bytes, 0, bytes.length, size - bytes.length)
      return lastOf(bytes.toString().split('\n'))
    } finally {
      closeSync(fd)
    }
  } catch {
    return lastOf(compactedLines(copy))
  }
}

const lastOf = (lines: readonly string[]): string => lines.findLast((line) => line !== '') ?? ''
