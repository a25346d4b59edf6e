import type { CollectedSet } from '../resource/application.ts'
import type { Json } from '../resource/resource.ts'
import type { ChangedRow, ChangeLine } from './changed-rows.ts'

/** By key as JSON, the log lines that contain the row before and after the change. */
export type LinesOfRows = { readonly [key: string]: readonly [first: number, last: number] }

export interface NumberedLine extends ChangeLine {
  readonly id: number
}

/** How changed rows of one table are recorded: by their position in the log, never by their contents. */
export interface ChangedTable<Line extends NumberedLine> {
  readonly type: string
  keyOf(line: Line): Json
  /** The arguments of `restore-row`. */
  argsOf(line: Line, lines: LinesOfRows): Json
}

interface OpenSet<Line> {
  readonly line: Line
  readonly keys: Json[]
  readonly lines: { [key: string]: readonly [first: number, last: number] }
}

/** One set per scope; a row that the scope changed, then somebody else, then the scope again, is in two sets. */
export function changedSets<Line extends NumberedLine>(
  changes: readonly ChangedRow<Line>[],
  { type, keyOf, argsOf }: ChangedTable<Line>,
): readonly CollectedSet[] {
  const sets = new Map<string, OpenSet<Line>>()
  for (const { first, last } of changes) {
    const key = keyOf(first)
    const text = JSON.stringify(key)
    const { keys, lines } = setFor(sets, first, text)
    keys.push(key)
    lines[text] = [first.id, last.id]
  }
  return [...sets.values()].map(({ line, keys, lines }) => ({
    ...(line.scope === '' ? {} : { scope: line.scope }),
    ...{ type, keys, changed: true, proof: { strength: 'exact' } },
    steps: [{ driver: '$driver', op: 'restore-row', v: 1, args: argsOf(line, lines) }],
  }))
}

function setFor<Line extends ChangeLine>(sets: Map<string, OpenSet<Line>>, line: Line, key: string): OpenSet<Line> {
  for (let occurrence = 0; ; occurrence++) {
    const name = JSON.stringify([line.run, line.scope, occurrence])
    const set = sets.get(name) ?? { line, keys: [], lines: {} }
    sets.set(name, set)
    if (!Object.hasOwn(set.lines, key)) return set
  }
}
