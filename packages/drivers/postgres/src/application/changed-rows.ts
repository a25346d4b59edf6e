/** What of a log's lines are changes to rows that were there before: who changed them first, and last, with nobody else in between. Pure. */
import type { LogLine } from './log-lines.ts'

/** A row as its first line found it, and as its last one left it. */
export interface ChangedRow {
  readonly first: LogLine
  last: LogLine
}

interface Place {
  /** The line that inserted the row that is there now; undefined: it was there before, or is gone. */
  inserted: LogLine | undefined
  /** The change that goes on, as long as nobody else writes the row. */
  change: ChangedRow | undefined
}

/**
 * The changes of one table's rows that are collected, by their lines and those of others for the same keys, in their order. Rows that were
 * inserted by whoever changed them are left out: they go as a whole. A row that was deleted and inserted again is a row that was changed.
 */
export function changedRows(lines: readonly LogLine[]): readonly ChangedRow[] {
  const places = new Map<string, Place>()
  const changes: ChangedRow[] = []
  for (const line of lines) {
    if (!line.key) continue
    const place = taken(places, line.key)
    const after = line.op === 'i' ? insertedInto(place, line) : changed(place, line, changes)
    if (after) places.set(JSON.stringify(line.keyNow ?? line.key), after)
  }
  return changes
}

/** What is at a key; what is put there instead is said afterwards. */
function taken(places: Map<string, Place>, key: LogLine['key']): Place {
  const name = JSON.stringify(key)
  const place = places.get(name) ?? { inserted: undefined, change: undefined }
  places.delete(name)
  return place
}

function insertedInto({ change }: Place, line: LogLine): Place {
  if (change?.last.op !== 'd' || !goesOn(change, line)) return { inserted: line, change: undefined }
  change.last = line
  return { inserted: undefined, change }
}

/** Undefined: of a row that its own scope inserted, and deleted, nothing is left. */
function changed({ inserted, change }: Place, line: LogLine, changes: ChangedRow[]): Place | undefined {
  if (inserted && isSame(inserted, line)) return line.op === 'd' ? undefined : { inserted, change: undefined }
  if (!isDue(line) || isUnnamed(line)) return { inserted: line.op === 'd' ? undefined : inserted, change: undefined }
  if (change && goesOn(change, line)) {
    change.last = line
    return { inserted, change }
  }
  const begun = { first: line, last: line }
  changes.push(begun)
  return { inserted: line.op === 'd' ? undefined : inserted, change: begun }
}

const isDue = ({ mine, settled }: LogLine): boolean => mine && !settled

/** Whoever changes a row by hand while a test is going names nobody: that is not taken back. */
const isUnnamed = ({ run }: LogLine): boolean => run === ''

const goesOn = ({ last }: ChangedRow, line: LogLine): boolean => isDue(line) && whose(last) === whose(line)

/** What is collected together goes together, whoever is named. */
const isSame = (a: LogLine, b: LogLine): boolean => whose(a) === whose(b) || (isDue(a) && isDue(b))

const whose = ({ run, scope }: LogLine): string => JSON.stringify([run, scope])
