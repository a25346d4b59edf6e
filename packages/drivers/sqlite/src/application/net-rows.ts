/** What is left of a log's lines: which rows somebody inserted and nobody has deleted since. Pure. */
import type { LogLine } from './log-lines.ts'

export interface InsertedRow {
  /** A JSON array. */
  readonly key: string
  /** The line of its insertion. */
  readonly line: LogLine
}

interface KeyState {
  /** The line that inserted the row that is there now; undefined: it was there before, or is gone. */
  inserted: LogLine | undefined
  /** Who deleted a row that nobody is known to have inserted: what they insert in its place is no creation. */
  replacedBy: string | undefined
  /** Whose INSERT met the row, and may be about to take its place. */
  metBy: string | undefined
}

/**
 * The rows of one table, by lines that are collected and those of others for the same keys, in their order. An insertion that another
 * scope's deletion and insertion followed is not there any more, though a row with its key is: SQLite gives rowids again.
 */
export function netRows(lines: readonly LogLine[]): readonly InsertedRow[] {
  const rows = new Map<string, KeyState>()
  const at = (key: string): KeyState => {
    const known = rows.get(key) ?? { inserted: undefined, replacedBy: undefined, metBy: undefined }
    rows.set(key, known)
    return known
  }
  for (const line of lines) steps[line.op](line, at)
  return [...rows].flatMap(([key, { inserted }]) =>
    inserted?.mine && !inserted.settled ? [{ key, line: inserted }] : [],
  )
}

type At = (key: string) => KeyState

const steps: { readonly [op in LogLine['op']]: (line: LogLine, at: At) => void } = {
  e(line, at) {
    at(line.key).metBy = whose(line)
  },
  i(line, at) {
    const row = at(line.key)
    if (row.metBy === whose(line)) steps.d(line, at)
    row.metBy = undefined
    row.inserted = row.replacedBy === whose(line) ? undefined : line
  },
  d(line, at) {
    const row = at(line.key)
    row.metBy = undefined
    row.replacedBy = row.inserted === undefined ? whose(line) : undefined
    row.inserted = undefined
  },
  /** A new key is followed where the row's own scope gave it; where another did, whose the row is now is not certain. */
  u(line, at) {
    if (line.keyNow === null) return
    const row = at(line.key)
    const { inserted } = row
    row.inserted = undefined
    const now = at(line.keyNow)
    now.metBy = undefined
    now.inserted = inserted && whose(inserted) === whose(line) ? inserted : undefined
  },
}

const whose = ({ run, scope }: LogLine): string => JSON.stringify([run, scope])
