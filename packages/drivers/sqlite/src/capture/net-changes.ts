/** Computes the net changes of one statement to each table from what its triggers saw. */
import type { SqlValue } from '../client.ts'
import { type Key, keyOf } from '../keys.ts'
import type { Table } from '../tables.ts'
import type { RowEvent } from './triggers.ts'

export interface ObservedEvent {
  readonly table: Table
  readonly event: RowEvent
  readonly values: readonly SqlValue[]
  /** The mark that was left with it, if any. */
  readonly mark: number | undefined
}

export interface TableChange {
  readonly table: Table
  readonly created: readonly Key[]
  readonly gone: readonly Key[]
  /** Existing rows were overwritten. */
  readonly updated: boolean
  /** Rows were created with NULL in the key. */
  readonly hasNullKey: boolean
}

/** `isTracked` returns whether a row was tracked before: a row whose key changes stays tracked only if it was. */
export function netChanges(
  seen: readonly ObservedEvent[],
  isTracked: (table: Table, key: Key) => boolean,
): TableChange[] {
  const [only, another] = seen
  if (only?.event === 'created' && another === undefined) return [singleCreation(only)]
  const tallies = new Map<Table, Tally>()
  for (const observed of seen) {
    const tally = tallies.get(observed.table) ?? newTally(tallies, observed.table)
    note[observed.event](tally, observed.values, isTracked)
  }
  return [...tallies.values()].map(changeOf)
}

/** The most frequent case by far. */
function singleCreation({ table, values }: ObservedEvent): TableChange {
  const key = keyOf(values)
  return { table, created: key === undefined ? [] : [key], gone: [], updated: false, hasNullKey: key === undefined }
}

interface KeyChange {
  readonly key: Key
  /** An INSERT found it, so creating it again counts as an update. */
  existed: boolean
  created: boolean
  gone: boolean
}

interface Tally {
  readonly table: Table
  readonly changes: Map<string, KeyChange>
  updated: boolean
  hasNullKey: boolean
}

type Note = (tally: Tally, values: readonly SqlValue[], isTracked: (table: Table, key: Key) => boolean) => void

const note: { readonly [event in RowEvent]: Note } = {
  existed(tally, values) {
    const change = keyChangeOf(tally, values)
    if (change !== undefined && !change.created) change.existed = true
    tally.updated = true
  },
  created(tally, values) {
    const change = keyChangeOf(tally, values)
    if (change === undefined) tally.hasNullKey = true
    else if (change.existed) Object.assign(change, { existed: false, gone: false })
    else change.created = true
  },
  gone(tally, values) {
    const change = keyChangeOf(tally, values)
    if (change === undefined) return
    if (change.created) change.created = false
    else change.gone = true
  },
  moved(tally, values, isTracked) {
    const half = values.length / 2
    const from = keyChangeOf(tally, values.slice(0, half))
    const to = keyChangeOf(tally, values.slice(half))
    const wasTracked = from !== undefined && (from.created || isTracked(tally.table, from.key))
    if (from !== undefined) Object.assign(from, from.created ? { created: false } : { gone: true })
    if (to === undefined) return
    // An untracked row has taken the place of a tracked one, which no longer exists under that key.
    if (wasTracked) to.created = true
    else if (to.created) to.created = false
    else if (isTracked(tally.table, to.key)) to.gone = true
  },
}

function newTally(tallies: Map<Table, Tally>, table: Table): Tally {
  const tally: Tally = { table, changes: new Map(), updated: false, hasNullKey: false }
  tallies.set(table, tally)
  return tally
}

function keyChangeOf(tally: Tally, values: readonly SqlValue[]): KeyChange | undefined {
  const key = keyOf(values)
  if (key === undefined) return undefined
  const name = JSON.stringify([key.json, key.types])
  const change = tally.changes.get(name) ?? { key, existed: false, created: false, gone: false }
  tally.changes.set(name, change)
  return change
}

function changeOf({ table, changes, updated, hasNullKey }: Tally): TableChange {
  const keys = (which: 'created' | 'gone') =>
    [...changes.values()].filter((change) => change[which]).map((change) => change.key)
  return { table, created: keys('created'), gone: keys('gone'), updated, hasNullKey }
}
