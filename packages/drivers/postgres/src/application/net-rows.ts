/** What is left of a log's lines: which rows somebody inserted and nobody has deleted since. Pure. */
import type { LogLine } from './log-lines.ts'

export interface InsertedRow {
  readonly key: readonly (string | null)[]
  /** The line of its insertion. */
  readonly line: LogLine
}

interface KeyState {
  /** The line that inserted the row that is there now; undefined: it was there before, or is gone. */
  inserted: LogLine | undefined
  /** Who deleted a row that nobody is known to have inserted: what they insert in its place is no creation. */
  replacedBy: string | undefined
}

/**
 * The rows of one table, by lines that are collected and those of others for the same keys, in their order. An insertion that another
 * scope's deletion and insertion followed is not there any more, though a row with its key is.
 */
export function netRows(lines: readonly LogLine[]): readonly InsertedRow[] {
  const rows = new Map<string, KeyState>()
  const at = (key: LogLine['key']): KeyState => {
    const name = JSON.stringify(key)
    const known = rows.get(name) ?? { inserted: undefined, replacedBy: undefined }
    rows.set(name, known)
    return known
  }
  for (const line of lines) if (line.key) steps[line.op](line, at)
  return [...rows].flatMap(([key, { inserted }]) =>
    inserted?.mine && !inserted.settled ? [{ key: JSON.parse(key) as InsertedRow['key'], line: inserted }] : [],
  )
}

type At = (key: LogLine['key']) => KeyState

const steps: { readonly [op in LogLine['op']]: (line: LogLine, at: At) => void } = {
  i(line, at) {
    const row = at(line.key)
    row.inserted = row.replacedBy === whose(line) ? undefined : line
  },
  d(line, at) {
    const row = at(line.key)
    row.replacedBy = row.inserted === undefined ? whose(line) : undefined
    row.inserted = undefined
  },
  /** A new key is followed where the row's own scope gave it; where another did, whose the row is now is not certain. */
  u(line, at) {
    if (!line.keyNow) return
    const row = at(line.key)
    const { inserted } = row
    row.inserted = undefined
    at(line.keyNow).inserted = inserted && whose(inserted) === whose(line) ? inserted : undefined
  },
}

const whose = ({ run, scope }: LogLine): string => JSON.stringify([run, scope])
