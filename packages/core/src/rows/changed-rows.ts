/** Finds in a log's lines the changes to rows that existed before: who changed each first and last, with nobody else in between. Pure. */

/** A line of a store's own write log, as far as needed for changes. */
export interface ChangeLine {
  /** Empty: unattributed. */
  readonly run: string
  readonly scope: string
  /** `e`: an INSERT met a row with the same key; its own line follows if it replaced the row. */
  readonly op: 'i' | 'u' | 'd' | 'e'
  readonly key: unknown
  /** The key after an update that changed it. */
  readonly keyNow: unknown
  readonly settled: boolean
  /** Whether the line is being collected. */
  readonly mine: boolean
}

/** A row before its first and after its last line. */
export interface ChangedRow<Line extends ChangeLine> {
  readonly first: Line
  last: Line
}

interface KeyState<Line extends ChangeLine> {
  /** The line that inserted the current row; undefined: the row existed before, or is gone. */
  inserted: Line | undefined
  /** The open change, as long as nobody else writes the row. */
  change: ChangedRow<Line> | undefined
  /** The line of an INSERT that met the row, and may be about to replace it. */
  met?: Line | undefined
}

/**
 * The collected changes of one table's rows, from all lines for their keys in order. Rows that were inserted by the same scope
 * are left out: they are removed as a whole. A row that was deleted and inserted again counts as changed.
 */
export function changedRows<Line extends ChangeLine>(lines: readonly Line[]): readonly ChangedRow<Line>[] {
  const states = new Map<string, KeyState<Line>>()
  const changes: ChangedRow<Line>[] = []
  for (const line of lines) {
    if (!line.key) continue
    const state = takeState(states, line.key)
    const after = afterLine(state, line, changes)
    if (after) states.set(JSON.stringify(line.keyNow ?? line.key), after)
  }
  return changes
}

/** Takes the state of a key; the caller sets the new one. */
function takeState<Line extends ChangeLine>(states: Map<string, KeyState<Line>>, key: unknown): KeyState<Line> {
  const name = JSON.stringify(key)
  const state = states.get(name) ?? { inserted: undefined, change: undefined }
  states.delete(name)
  return state
}

function afterLine<Line extends ChangeLine>(
  { met, ...state }: KeyState<Line>,
  line: Line,
  changes: ChangedRow<Line>[],
): KeyState<Line> | undefined {
  if (line.op === 'e') return { ...state, met: line }
  if (line.op !== 'i') return changed(state, line, changes)
  return met && isSame(met, line) ? replaced(state, met, line, changes) : insertedInto(state, line)
}

/** The met row was replaced by the inserted one: the log shows its deletion only by the meeting. */
function replaced<Line extends ChangeLine>(
  state: KeyState<Line>,
  met: Line,
  line: Line,
  changes: ChangedRow<Line>[],
): KeyState<Line> {
  const after = changed(state, met, changes)
  if (after?.change?.last !== met) return { inserted: line, change: undefined }
  after.change.last = line
  return { inserted: undefined, change: after.change }
}

function insertedInto<Line extends ChangeLine>({ change }: KeyState<Line>, line: Line): KeyState<Line> {
  if (change?.last.op !== 'd' || !continues(change, line)) return { inserted: line, change: undefined }
  change.last = line
  return { inserted: undefined, change }
}

/** Undefined: the row was inserted and deleted by the same scope, so nothing is left. */
function changed<Line extends ChangeLine>(
  { inserted, change }: KeyState<Line>,
  line: Line,
  changes: ChangedRow<Line>[],
): KeyState<Line> | undefined {
  const isGone = line.op !== 'u'
  if (inserted && isSame(inserted, line)) return isGone ? undefined : { inserted, change: undefined }
  if (!isDue(line) || isUnnamed(line)) return { inserted: isGone ? undefined : inserted, change: undefined }
  if (change && continues(change, line)) {
    change.last = line
    return { inserted, change }
  }
  const begun = { first: line, last: line }
  changes.push(begun)
  return { inserted: isGone ? undefined : inserted, change: begun }
}

const isDue = ({ mine, settled }: ChangeLine): boolean => mine && !settled

/** Changes by hand during a test are unattributed: these are not reverted. */
const isUnnamed = ({ run }: ChangeLine): boolean => run === ''

const continues = ({ last }: ChangedRow<ChangeLine>, line: ChangeLine): boolean =>
  isDue(line) && ownerOf(last) === ownerOf(line)

/** Lines collected together belong together, whoever is named. */
const isSame = (a: ChangeLine, b: ChangeLine): boolean => ownerOf(a) === ownerOf(b) || (isDue(a) && isDue(b))

const ownerOf = ({ run, scope }: ChangeLine): string => JSON.stringify([run, scope])
