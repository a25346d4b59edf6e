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
 *
 * @param keys `deferred`: two rows may have one key for a while, so that the order of the lines does not tell which of the two was given another
 * @param stray is told of insertions of which nobody knows any more under which key they are
 */
export function netRows(
  lines: readonly LogLine[],
  keys: 'immediate' | 'deferred' = 'immediate',
  stray: (line: LogLine) => void = () => {},
): readonly InsertedRow[] {
  const rows = new Map<string, KeyState>()
  const at = (key: LogLine['key']): KeyState => {
    const name = JSON.stringify(key)
    const known = rows.get(name) ?? { inserted: undefined, replacedBy: undefined }
    rows.set(name, known)
    return known
  }
  const follows = (row: LogLine, line: LogLine) => keys === 'immediate' && whose(row) === whose(line)
  for (const line of lines) if (line.key) steps[line.op](line, at, follows, stray)
  return [...rows].flatMap(([key, { inserted }]) =>
    inserted?.mine && !inserted.settled ? [{ key: JSON.parse(key) as InsertedRow['key'], line: inserted }] : [],
  )
}

type At = (key: LogLine['key']) => KeyState
type Step = (
  line: LogLine,
  at: At,
  follows: (inserted: LogLine, line: LogLine) => boolean,
  stray: (line: LogLine) => void,
) => void

const steps: { readonly [op in LogLine['op']]: Step } = {
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
  u(line, at, follows, stray) {
    if (!line.keyNow) return
    const [row, next] = [at(line.key), at(line.keyNow)]
    const { inserted } = row
    const isFollowed = inserted !== undefined && follows(inserted, line)
    for (const lost of [isFollowed ? undefined : inserted, next.inserted]) if (lost) stray(lost)
    row.inserted = undefined
    next.inserted = isFollowed ? inserted : undefined
  },
}

const whose = ({ run, scope }: LogLine): string => JSON.stringify([run, scope])
