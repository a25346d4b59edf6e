/** Works out which rows remain from log lines: inserted, and not deleted since. Pure. */
import type { LogLine } from './log-lines.ts'

export interface InsertedRow {
  readonly key: readonly (string | null)[]
  /** The line that inserted it. */
  readonly line: LogLine
}

interface KeyState {
  /** The line that inserted the existing row; undefined when the row existed before the log, or is gone. */
  inserted: LogLine | undefined
  /** The scope that deleted a row of unknown origin: its insertion in place of that row is not a creation. */
  replacedBy: string | undefined
}

/**
 * The remaining rows of one table, from the lines to collect and the lines of others for the same keys, in order. An
 * insertion that was followed by another scope's deletion and insertion is gone, although a row with its key exists.
 *
 * @param keys `deferred`: two rows may share a key for a while, so that the order of the lines does not show which one got
 * another key
 * @param stray called for insertions whose current key is unknown
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
  const follows = (row: LogLine, line: LogLine) => keys === 'immediate' && ownerOf(row) === ownerOf(line)
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
    row.inserted = row.replacedBy === ownerOf(line) ? undefined : line
  },
  d(line, at) {
    const row = at(line.key)
    row.replacedBy = row.inserted === undefined ? ownerOf(line) : undefined
    row.inserted = undefined
  },
  /**
   * A new key is followed when the scope that inserted the row set it; when another scope did, the owner of the row is
   * uncertain.
   */
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

const ownerOf = ({ run, scope }: LogLine): string => JSON.stringify([run, scope])
