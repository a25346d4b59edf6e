/** The rows that a statement deleted. */
import type { CaptureTransaction, Json } from '@dustpan/core/driver'
import type { Work } from '../capture/transactions.ts'
import { type OwnRow, type RecordContext, tableOf } from '../capture/written-rows.ts'
import { keyOf } from '../key-value.ts'
import { typeOf } from '../names.ts'
import { readIncarnation } from '../rewriting/incarnation.ts'
import { knownTable, type TableFacts } from '../rewriting/table-facts.ts'
import type { EmptiedTable } from './emptied-keys.ts'
import { strikeOffAll } from './moved-keys.ts'
import { areRecorded, hasRecorded } from './recorded-tables.ts'
import { affectedTables, doubtRows, noteRemoved, noteRestarted } from './replaced-rows.ts'

/** The rows of one DELETE, as collected when the work is recorded. `areAll`: whether every key could be read. */
export function deletedRows(
  facts: TableFacts,
  rows: readonly OwnRow[],
  context: RecordContext,
  areAll: () => boolean,
): Work {
  return {
    kind: 'work',
    record(tx) {
      if (!areAll()) {
        doubtRows(context.store, affectedTables(facts))
        strikeOffAll(context, facts, tx)
      }
      const [first] = rows
      if (!first) return
      if (facts.inherited) return deletedFromTree(facts, rows, context, tx)
      const table = tableOf(context.store, facts, first)
      if (table) deletedFrom(table, rows, context, tx)
      else doubtElsewhere(first[facts.key.length] ?? '0', context)
    },
    discard() {},
  }
}

function deletedFrom(
  table: TableFacts,
  rows: readonly OwnRow[],
  { sink, store }: RecordContext,
  tx: CaptureTransaction | undefined,
): void {
  const keys = rows.map((row) => keyOf(table.key, row))
  if (table.cascades.length > 0 && !areRecorded(store, table, keys)) doubtRows(store, table.cascades)
  reportRemoved(table, keys, { sink, store }, tx)
}

function reportRemoved(
  table: TableFacts,
  keys: readonly Json[],
  { sink, store }: RecordContext,
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

/** Rows of inheriting tables are deleted by the same column names. */
function deletedFromTree(
  facts: TableFacts,
  rows: readonly OwnRow[],
  context: RecordContext,
  tx: CaptureTransaction | undefined,
): void {
  for (const [oid, tableRows] of Map.groupBy(rows, (row) => Number(row[facts.key.length]))) {
    if (oid === facts.oid) deletedFrom(facts, tableRows, context, tx)
    else if (facts.family.includes(oid)) deletedFromChild(facts, oid, tableRows, context)
    else doubtRows(context.store, affectedTables(facts))
  }
}

function deletedFromChild({ key }: TableFacts, oid: number, rows: readonly OwnRow[], { store }: RecordContext): void {
  const keys: readonly Json[] = rows.map((row) => keyOf(key, row))
  noteRemoved(store, { key, type: '', others: [oid] }, keys)
}

/** The name meant a table that is unknown, or that has another key. */
function doubtElsewhere(incarnation: string, { store }: RecordContext): void {
  const { oid } = readIncarnation(incarnation)
  const table = knownTable(store.id, oid)
  doubtRows(store, table ? affectedTables(table) : [oid, 'any'])
}

/** All rows of a table and of its partitions. */
export function emptied({ facts, rows }: EmptiedTable, context: RecordContext, restarts: boolean): Work {
  const { sink, store } = context
  return {
    kind: 'work',
    record(tx) {
      if (rows) {
        const keys = rows.map((row) => keyOf(facts.key, row))
        reportRemoved(facts, keys, context, tx)
        if (restarts && keys.length > 0) noteRestarted(store, facts.oid)
      } else doubtRows(store, [facts.oid, ...facts.family], restarts)
      if (hasRecorded(store, facts)) sink.gone(store, typeOf(facts), 'all', tx)
    },
    discard() {},
  }
}
