/** The key of a recorded row has changed hands: what has it now is perhaps another row, and what was recorded has another key. Neither is touched. */
import { keyOf } from '../key-value.ts'
import { typeOf } from '../names.ts'
import { rekeyingOf } from './analyse-update.ts'
import type { PlannedWrite } from './plan-write.ts'
import { hasRecorded, tablesRekeyed } from './recorded-tables.ts'
import type { Rekeying } from './statement.ts'
import type { TableFacts } from './table-facts.ts'
import type { Work } from './transactions.ts'
import { isNew, type OwnRow, type Place, tableOf } from './written-rows.ts'

type Tell = Work['tell']

/** Strikes off what an UPDATE, or that of ON CONFLICT, gave another key. `count`: how many rows it says that it changed. */
export function rekeyedRows(planned: PlannedWrite, rows: readonly OwnRow[], count: () => number, place: Place): Work {
  const { write, facts, columns, tellsBefore } = planned
  const rekeying = rekeyingOf(write)
  return work((tx) => {
    if (!rekeying) return
    const updated = write.verb === 'insert' && facts ? rows.filter((row) => !isNew(facts, row)) : rows
    const [first] = updated
    const isTold = columns !== undefined
    if (isTold ? !first : facts?.kind !== 'v' && count() === 0) return
    const table = facts && (isTold && first ? tableOf(place.store, facts, first) : facts)
    const tellsKeys = tellsBefore && table ? keysBefore(table, updated) : undefined
    if (tellsKeys && table) strikeOff(place, table, tellsKeys, tx)
    for (const other of tablesRekeyed(place.store, rekeying, table?.oid)) {
      const isKnown = tellsKeys !== undefined && (other.oid === table?.oid || onlyByKey(other, table, rekeying))
      if (!isKnown || (other.oid !== table?.oid && tellsKeys.length > 0)) strikeOff(place, other, 'all', tx)
    }
  })
}

/** The same of updates that tell nothing. */
export function rekeyed(rekeying: Rekeying, oid: number | undefined, place: Place): Work {
  return work((tx) => {
    for (const facts of tablesRekeyed(place.store, rekeying, oid)) strikeOff(place, facts, 'all', tx)
  })
}

const work = (tell: Tell): Work => ({ kind: 'work', tell, drop() {} })

/** Undefined: one of them is not told. */
function keysBefore({ key }: TableFacts, rows: readonly OwnRow[]): readonly OwnRow[] | undefined {
  const texts = rows.map((row) => ({ now: row.slice(0, key.length), before: row.slice(-key.length) }))
  if (texts.some(({ now, before }) => [...now, ...before].includes(null))) return undefined
  return texts
    .filter(({ now, before }) => before.some((part, index) => part !== now[index]))
    .map(({ before }) => before)
}

/** Whether what another table's keys follow is all in this one's key. */
function onlyByKey({ keyedBy }: TableFacts, table: TableFacts | null | undefined, { columns }: Rekeying): boolean {
  const key = table?.key.map(({ name }) => name) ?? []
  const followed = keyedBy.filter(({ oid }) => oid === table?.oid).flatMap((source) => source.columns)
  return followed.every((column) => key.includes(column) || !columns.includes(column))
}

/** Rows went, and not all of their keys can be read. */
export function strikeOffAll(place: Place, facts: TableFacts, tx: Parameters<Tell>[0]): void {
  if (hasRecorded(place.store, facts))
    strikeOff(place, facts, 'all', tx, 'a DELETE may have taken others by their keys')
}

function strikeOff(
  { sink, store }: Place,
  facts: TableFacts,
  keys: readonly OwnRow[] | 'all',
  tx: Parameters<Tell>[0],
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
