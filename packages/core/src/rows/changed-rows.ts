/** What of a log's lines are changes to rows that were there before: who changed them first, and last, with nobody else in between. Pure. */

/** A line of a store's own log of what is written, as far as it tells of changes. */
export interface ChangeLine {
  /** Empty: nobody is named. */
  readonly run: string
  readonly scope: string
  /** `e`: an INSERT met a row with its key; its own line follows where it took the row's place. */
  readonly op: 'i' | 'u' | 'd' | 'e'
  readonly key: unknown
  /** After an update that changed it. */
  readonly keyNow: unknown
  readonly settled: boolean
  /** Of those that are collected. */
  readonly mine: boolean
}

/** A row as its first line found it, and as its last one left it. */
export interface ChangedRow<Line extends ChangeLine> {
  readonly first: Line
  last: Line
}

interface Place<Line extends ChangeLine> {
  /** The line that inserted the row that is there now; undefined: it was there before, or is gone. */
  inserted: Line | undefined
  /** The change that goes on, as long as nobody else writes the row. */
  change: ChangedRow<Line> | undefined
  /** Whose INSERT met the row, and may be about to take its place. */
  met?: Line | undefined
}

/**
 * The changes of one table's rows that are collected, by their lines and those of others for the same keys, in their order. Rows that were
 * inserted by whoever changed them are left out: they go as a whole. A row that was deleted and inserted again is a row that was changed.
 */
export function changedRows<Line extends ChangeLine>(lines: readonly Line[]): readonly ChangedRow<Line>[] {
  const places = new Map<string, Place<Line>>()
  const changes: ChangedRow<Line>[] = []
  for (const line of lines) {
    if (!line.key) continue
    const place = taken(places, line.key)
    const after = afterLine(place, line, changes)
    if (after) places.set(JSON.stringify(line.keyNow ?? line.key), after)
  }
  return changes
}

/** What is at a key; what is put there instead is said afterwards. */
function taken<Line extends ChangeLine>(places: Map<string, Place<Line>>, key: unknown): Place<Line> {
  const name = JSON.stringify(key)
  const place = places.get(name) ?? { inserted: undefined, change: undefined }
  places.delete(name)
  return place
}

function afterLine<Line extends ChangeLine>(
  { met, ...place }: Place<Line>,
  line: Line,
  changes: ChangedRow<Line>[],
): Place<Line> | undefined {
  if (line.op === 'e') return { ...place, met: line }
  if (line.op !== 'i') return changed(place, line, changes)
  return met && isSame(met, line) ? replaced(place, met, line, changes) : insertedInto(place, line)
}

/** The row that an INSERT met made way for its own: a deletion that the log tells of by the meeting alone. */
function replaced<Line extends ChangeLine>(
  place: Place<Line>,
  met: Line,
  line: Line,
  changes: ChangedRow<Line>[],
): Place<Line> {
  const after = changed(place, met, changes)
  if (after?.change?.last !== met) return { inserted: line, change: undefined }
  after.change.last = line
  return { inserted: undefined, change: after.change }
}

function insertedInto<Line extends ChangeLine>({ change }: Place<Line>, line: Line): Place<Line> {
  if (change?.last.op !== 'd' || !goesOn(change, line)) return { inserted: line, change: undefined }
  change.last = line
  return { inserted: undefined, change }
}

/** Undefined: of a row that its own scope inserted, and deleted, nothing is left. */
function changed<Line extends ChangeLine>(
  { inserted, change }: Place<Line>,
  line: Line,
  changes: ChangedRow<Line>[],
): Place<Line> | undefined {
  const isGone = line.op !== 'u'
  if (inserted && isSame(inserted, line)) return isGone ? undefined : { inserted, change: undefined }
  if (!isDue(line) || isUnnamed(line)) return { inserted: isGone ? undefined : inserted, change: undefined }
  if (change && goesOn(change, line)) {
    change.last = line
    return { inserted, change }
  }
  const begun = { first: line, last: line }
  changes.push(begun)
  return { inserted: isGone ? undefined : inserted, change: begun }
}

const isDue = ({ mine, settled }: ChangeLine): boolean => mine && !settled

/** Whoever changes a row by hand while a test is going names nobody: that is not taken back. */
const isUnnamed = ({ run }: ChangeLine): boolean => run === ''

const goesOn = ({ last }: ChangedRow<ChangeLine>, line: ChangeLine): boolean =>
  isDue(line) && whose(last) === whose(line)

/** What is collected together goes together, whoever is named. */
const isSame = (a: ChangeLine, b: ChangeLine): boolean => whose(a) === whose(b) || (isDue(a) && isDue(b))

const whose = ({ run, scope }: ChangeLine): string => JSON.stringify([run, scope])
