/**
 * Handles changed keys of recorded rows: another row may have the recorded key now, and the recorded row has another one.
 * Neither is removed.
 */

import type { Work } from '../capture/transactions.ts'
import { isNew, type OwnRow, type RecordContext, tableOf } from '../capture/written-rows.ts'
import { keyOf } from '../key-value.ts'
import { typeOf } from '../names.ts'
import type { PlannedWrite } from '../rewriting/plan-write.ts'
import type { TableFacts } from '../rewriting/table-facts.ts'
import { rekeyingOf } from '../sql/analyse-update.ts'
import type { Rekeying } from '../sql/statement.ts'
import { hasRecorded, tablesRekeyed } from './recorded-tables.ts'

type RecordWork = Work['record']

/**
 * Strikes off rows whose key an UPDATE, or ON CONFLICT DO UPDATE, changed. `count`: the number of rows that the server
 * reports as changed.
 */
export function rekeyedRows(
  planned: PlannedWrite,
  rows: readonly OwnRow[],
  count: () => number,
  context: RecordContext,
): Work {
  const { write, facts, columns, hasKeyBefore } = planned
  const rekeying = rekeyingOf(write)
  return work((tx) => {
    if (!rekeying) return
    const updated = write.verb === 'insert' && facts ? rows.filter((row) => !isNew(facts, row)) : rows
    const [first] = updated
    const hasReturning = columns !== undefined
    if (hasReturning ? !first : facts?.kind !== 'v' && count() === 0) return
    const table = facts && (hasReturning && first ? tableOf(context.store, facts, first) : facts)
    const changedKeys = hasKeyBefore && table ? keysBefore(table, updated) : undefined
    if (changedKeys && table) strikeOff(context, table, changedKeys, tx)
    for (const other of tablesRekeyed(context.store, rekeying, table?.oid)) {
      const isKnown = changedKeys !== undefined && (other.oid === table?.oid || onlyByKey(other, table, rekeying))
      if (!isKnown || (other.oid !== table?.oid && changedKeys.length > 0)) strikeOff(context, other, 'all', tx)
    }
  })
}

/** The same for updates that return no keys. */
export function rekeyed(rekeying: Rekeying, oid: number | undefined, context: RecordContext): Work {
  return work((tx) => {
    for (const facts of tablesRekeyed(context.store, rekeying, oid)) strikeOff(context, facts, 'all', tx)
  })
}

const work = (record: RecordWork): Work => ({ kind: 'work', record, discard() {} })

/** The keys before the update; undefined when one of them is unknown. */
function keysBefore({ key }: TableFacts, rows: readonly OwnRow[]): readonly OwnRow[] | undefined {
  const texts = rows.map((row) => ({ now: row.slice(0, key.length), before: row.slice(-key.length) }))
  if (texts.some(({ now, before }) => [...now, ...before].includes(null))) return undefined
  return texts
    .filter(({ now, before }) => before.some((part, index) => part !== now[index]))
    .map(({ before }) => before)
}

/** Whether the columns that the keys of another table follow are all in the key of this one. */
function onlyByKey({ keyedBy }: TableFacts, table: TableFacts | null | undefined, { columns }: Rekeying): boolean {
  const key = table?.key.map(({ name }) => name) ?? []
  const followed = keyedBy.filter(({ oid }) => oid === table?.oid).flatMap((source) => source.columns)
  return followed.every((column) => key.includes(column) || !columns.includes(column))
}

/** Rows were deleted, and not all of their keys could be read. */
export function strikeOffAll(context: RecordContext, facts: TableFacts, tx: Parameters<RecordWork>[0]): void {
  if (hasRecorded(context.store, facts))
    strikeOff(context, facts, 'all', tx, 'a DELETE may have taken others by their keys')
}

function strikeOff(
  { sink, store }: RecordContext,
  facts: TableFacts,
  keys: readonly OwnRow[] | 'all',
  tx: Parameters<RecordWork>[0],
  because = 'an UPDATE may have changed their keys',
): void {
  if (keys.length === 0) return
  const type = typeOf(facts)
  sink.gone(store, type, keys === 'all' ? 'all' : keys.map((row) => keyOf(facts.key, row)), tx, undefined, 'key-unsure')
  const what =
    keys === 'all'
      ? `Rows of ${type} are no longer tracked, and stay: ${because}`
      : `A row of ${type} is no longer tracked, and stays, if a test had made it: an UPDATE has changed its key`
  sink.warn('DUSTPAN_SQL_UNATTRIBUTED', `key of ${type}`, `${what}; delete it, and insert it again`)
}
