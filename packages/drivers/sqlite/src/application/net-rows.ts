/** Computes the net result of log lines: the rows that were inserted and not deleted since. Pure. */
import type { LogLine } from './log-lines.ts'

export interface InsertedRow {
  /** A JSON array. */
  readonly key: string
  /** The line of its insertion. */
  readonly line: LogLine
}

interface KeyState {
  /** The line that inserted the current row; undefined: the row existed before, or no longer exists. */
  inserted: LogLine | undefined
  /** Owner that deleted a row of unknown origin: a row that it inserts in its place is not a creation. */
  replacedBy: string | undefined
  /** Owner whose INSERT found the row, and may be about to replace it. */
  foundBy: string | undefined
}

/**
 * The rows of one table, from the collected lines and other owners' lines for the same keys, in order. An insertion followed by
 * another scope's deletion and insertion no longer counts, although a row with its key exists: SQLite reuses rowids.
 */
export function netRows(lines: readonly LogLine[]): readonly InsertedRow[] {
  const rows = new Map<string, KeyState>()
  const at = (key: string): KeyState => {
    const state = rows.get(key) ?? { inserted: undefined, replacedBy: undefined, foundBy: undefined }
    rows.set(key, state)
    return state
  }
  for (const line of lines) steps[line.op](line, at)
  return [...rows].flatMap(([key, { inserted }]) =>
    inserted?.mine && !inserted.settled ? [{ key, line: inserted }] : [],
  )
}

type At = (key: string) => KeyState

const steps: { readonly [op in LogLine['op']]: (line: LogLine, at: At) => void } = {
  e(line, at) {
    at(line.key).foundBy = ownerOf(line)
  },
  i(line, at) {
    const row = at(line.key)
    if (row.foundBy === ownerOf(line)) steps.d(line, at)
    row.foundBy = undefined
    row.inserted = row.replacedBy === ownerOf(line) ? undefined : line
  },
  d(line, at) {
    const row = at(line.key)
    row.foundBy = undefined
    row.replacedBy = row.inserted === undefined ? ownerOf(line) : undefined
    row.inserted = undefined
  },
  /** A new key is followed if the row's own scope changed it; if another scope did, the owner of the row is uncertain. */
  u(line, at) {
    if (line.keyNow === null) return
    const row = at(line.key)
    const { inserted } = row
    row.inserted = undefined
    const now = at(line.keyNow)
    now.foundBy = undefined
    now.inserted = inserted && ownerOf(inserted) === ownerOf(line) ? inserted : undefined
  },
}

const ownerOf = ({ run, scope }: LogLine): string => JSON.stringify([run, scope])
