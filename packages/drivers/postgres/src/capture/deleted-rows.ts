/** The rows that a statement took away. */
import type { CaptureTransaction, Json } from '@dustpan/core/driver'
import { keyOf } from '../key-value.ts'
import { typeOf } from '../names.ts'
import type { EmptiedTable } from './emptied-keys.ts'
import { readIncarnation } from './incarnation.ts'
import { strikeOffAll } from './moved-keys.ts'
import { areRecorded, hasRecorded } from './recorded-tables.ts'
import { doubtRows, goesWith, noteRemoved, noteRestarted } from './replaced-rows.ts'
import { knownTable, type TableFacts } from './table-facts.ts'
import type { Work } from './transactions.ts'
import { type OwnRow, type Place, tableOf } from './written-rows.ts'

/** Those of one DELETE: that are there when it is told. `areAll`: whether each one's key could be read. */
export function deletedRows(facts: TableFacts, rows: readonly OwnRow[], place: Place, areAll: () => boolean): Work {
  return {
    kind: 'work',
    tell(tx) {
      if (!areAll()) {
        doubtRows(place.store, goesWith(facts))
        strikeOffAll(place, facts, tx)
      }
      const [first] = rows
      if (!first) return
      if (facts.inherited) return deletedFromMany(facts, rows, place, tx)
      const table = tableOf(place.store, facts, first)
      if (table) deletedFrom(table, rows, place, tx)
      else doubtElsewhere(first[facts.key.length] ?? '0', place)
    },
    drop() {},
  }
}

function deletedFrom(
  table: TableFacts,
  rows: readonly OwnRow[],
  { sink, store }: Place,
  tx: CaptureTransaction | undefined,
): void {
  const keys = rows.map((row) => keyOf(table.key, row))
  if (table.cascades.length > 0 && !areRecorded(store, table, keys)) doubtRows(store, table.cascades)
  tellRemoved(table, keys, { sink, store }, tx)
}

function tellRemoved(
  table: TableFacts,
  keys: readonly Json[],
  { sink, store }: Place,
  tx: CaptureTransaction | undefined,
): void {
  const type = typeOf(table)
  const others = keys.filter((key) => sink.onRecord(store, type, key) === undefined)
  if (others.length > 0) {
    const { key, oid: own, family } = table
    noteRemoved(store, { key, type, own, others: table.inherited ? [] : family }, others)
  }
  sink.removed(store, type, keys, tx)
}

/** Rows of tables that inherit from it go by the same names of columns. */
function deletedFromMany(
  facts: TableFacts,
  rows: readonly OwnRow[],
  place: Place,
  tx: CaptureTransaction | undefined,
): void {
  for (const [oid, its] of Map.groupBy(rows, (row) => Number(row[facts.key.length]))) {
    if (oid === facts.oid) deletedFrom(facts, its, place, tx)
    else if (facts.family.includes(oid)) deletedFromHeir(facts, oid, its, place)
    else doubtRows(place.store, goesWith(facts))
  }
}

function deletedFromHeir({ key }: TableFacts, oid: number, rows: readonly OwnRow[], { store }: Place): void {
  const keys: readonly Json[] = rows.map((row) => keyOf(key, row))
  noteRemoved(store, { key, type: '', others: [oid] }, keys)
}

/** The name meant a table of which nothing is known, or that has another key. */
function doubtElsewhere(place: string, { store }: Place): void {
  const { oid } = readIncarnation(place)
  const table = knownTable(store.id, oid)
  doubtRows(store, table ? goesWith(table) : [oid, 'any'])
}

/** All rows of a table, and of its parts. */
export function emptied({ facts, rows }: EmptiedTable, place: Place, restarts: boolean): Work {
  const { sink, store } = place
  return {
    kind: 'work',
    tell(tx) {
      if (rows) {
        const keys = rows.map((row) => keyOf(facts.key, row))
        tellRemoved(facts, keys, place, tx)
        if (restarts && keys.length > 0) noteRestarted(store, facts.oid)
      } else doubtRows(store, [facts.oid, ...facts.family], restarts)
      if (hasRecorded(store, facts)) sink.gone(store, typeOf(facts), 'all', tx)
    },
    drop() {},
  }
}
