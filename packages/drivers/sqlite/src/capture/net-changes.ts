/** What one statement did to each table in the end, from what its triggers saw on the way. */
import type { SqlValue } from '../client.ts'
import { type Key, keyOf } from '../keys.ts'
import type { Table } from '../tables.ts'
import type { Sight } from './triggers.ts'

export interface Sighting {
  readonly table: Table
  readonly sight: Sight
  readonly values: readonly SqlValue[]
  /** The mark that was left beside it, if any. */
  readonly mark: number | undefined
}

export interface TableChange {
  readonly table: Table
  readonly created: readonly Key[]
  readonly gone: readonly Key[]
  /** Rows were written over that were there before. */
  readonly updated: boolean
  /** Rows were created whose keys hold NULL. */
  readonly nameless: boolean
}

/** `isOurs` tells whether a row was tracked before: one whose key changes stays ours only if it was. */
export function netChanges(seen: readonly Sighting[], isOurs: (table: Table, key: Key) => boolean): TableChange[] {
  const [only, another] = seen
  if (only?.sight === 'created' && another === undefined) return [singleCreation(only)]
  const tallies = new Map<Table, Tally>()
  for (const sighting of seen) {
    const tally = tallies.get(sighting.table) ?? newTally(tallies, sighting.table)
    note[sighting.sight](tally, sighting.values, isOurs)
  }
  return [...tallies.values()].map(changeOf)
}

/** By far the most frequent. */
function singleCreation({ table, values }: Sighting): TableChange {
  const key = keyOf(values)
  return { table, created: key === undefined ? [] : [key], gone: [], updated: false, nameless: key === undefined }
}

interface Fate {
  readonly key: Key
  /** An INSERT has met it, so that its being created again is an update. */
  existed: boolean
  created: boolean
  gone: boolean
}

interface Tally {
  readonly table: Table
  readonly fates: Map<string, Fate>
  updated: boolean
  nameless: boolean
}

type Note = (tally: Tally, values: readonly SqlValue[], isOurs: (table: Table, key: Key) => boolean) => void

const note: { readonly [sight in Sight]: Note } = {
  existed(tally, values) {
    const fate = fateOf(tally, values)
    if (fate !== undefined && !fate.created) fate.existed = true
    tally.updated = true
  },
  created(tally, values) {
    const fate = fateOf(tally, values)
    if (fate === undefined) tally.nameless = true
    else if (fate.existed) Object.assign(fate, { existed: false, gone: false })
    else fate.created = true
  },
  gone(tally, values) {
    const fate = fateOf(tally, values)
    if (fate === undefined) return
    if (fate.created) fate.created = false
    else fate.gone = true
  },
  moved(tally, values, isOurs) {
    const half = values.length / 2
    const from = fateOf(tally, values.slice(0, half))
    const to = fateOf(tally, values.slice(half))
    const ours = from !== undefined && (from.created || isOurs(tally.table, from.key))
    if (from !== undefined) Object.assign(from, from.created ? { created: false } : { gone: true })
    if (to === undefined) return
    // Somebody else's row has taken the place of one: what was ours under that key is not there any more.
    if (ours) to.created = true
    else if (to.created) to.created = false
    else if (isOurs(tally.table, to.key)) to.gone = true
  },
}

function newTally(tallies: Map<Table, Tally>, table: Table): Tally {
  const tally: Tally = { table, fates: new Map(), updated: false, nameless: false }
  tallies.set(table, tally)
  return tally
}

function fateOf(tally: Tally, values: readonly SqlValue[]): Fate | undefined {
  const key = keyOf(values)
  if (key === undefined) return undefined
  const name = JSON.stringify([key.json, key.types])
  const fate = tally.fates.get(name) ?? { key, existed: false, created: false, gone: false }
  tally.fates.set(name, fate)
  return fate
}

function changeOf({ table, fates, updated, nameless }: Tally): TableChange {
  const keys = (which: 'created' | 'gone') => [...fates.values()].filter((fate) => fate[which]).map((fate) => fate.key)
  return { table, created: keys('created'), gone: keys('gone'), updated, nameless }
}
