import type { Answer } from '../removal/exchange.ts'
import type { StoreClient } from '../removal/own-client.ts'
import type { Change } from './change.ts'
import { lookSql } from './change-sql.ts'
import type { RestorableTable, TableChanges } from './restorable-tables.ts'

/** How a changed row is now. */
export type Standing =
  | { readonly is: 'ready'; readonly do: 'update' | 'insert'; readonly columns: readonly string[] }
  | { readonly is: 'as-before' }
  /** Dustpan itself removed it, as another test's. */
  | { readonly is: 'removed' }
  /** Somebody else changed it since: these columns, deleted it, put another one in its place, or emptied the table. */
  | { readonly is: 'changed' | 'gone' | 'taken' | 'emptied'; readonly columns: readonly string[] }
  /** The log does not have it any more. */
  | { readonly is: 'forgotten' }
  /** It has columns whose values cannot be written back. */
  | { readonly is: 'odd'; readonly columns: readonly string[] }

export interface Seen {
  readonly change: Change
  readonly table: RestorableTable
  readonly standing: Standing
  /** The key by which the row goes now: two changes of one row have the same. */
  readonly place: string
}

/** Looks at changed rows, the newest change first. */
export async function look(
  client: StoreClient,
  tables: readonly TableChanges[],
  signal: AbortSignal,
): Promise<readonly Seen[]> {
  const looks = tables.map(({ table, changes }) => lookSql(table, changes[0]?.args.columns ?? [], changes))
  const answers = await client.run(looks, signal)
  const seen = tables.flatMap((table, index) => seenIn(table, answers[index]?.rows ?? []))
  return seen.sort((a, b) => b.change.last - a.change.last)
}

function seenIn({ table, changes }: TableChanges, rows: Answer['rows']): readonly Seen[] {
  const found = new Map(rows.map(([row]) => numberedRow(row ?? 'null')))
  return changes.map((change, index) => {
    const row = found.get(index + 1)
    const place = JSON.stringify([table.schema, table.table, row?.place])
    return { change, table, place, standing: row ? standingOf(row) : { is: 'forgotten' } }
  })
}

interface Row {
  readonly op: 'i' | 'u' | 'd'
  readonly here: boolean
  readonly known: boolean
  readonly present: boolean
  /** It is not there, and somebody took it away; or it may be there, hidden from us. */
  readonly taken: boolean
  readonly place: readonly (string | null)[]
  readonly left: readonly string[]
  readonly strange: readonly string[]
  readonly odd: readonly string[]
}

function numberedRow(text: string): readonly [number, Row] {
  const [n, op, here, known, present, taken, place, left, strange, odd] = JSON.parse(text) as readonly [
    ...[number, Row['op'], boolean, boolean, boolean, boolean, Row['place']],
    ...[readonly string[], readonly string[], readonly string[]],
  ]
  return [n, { op, here, known, present, taken, place, left, strange, odd }]
}

function standingOf(row: Row): Standing {
  const { op, here, known, present, left, strange, odd } = row
  if (!known) return { is: 'changed', columns: [] }
  if (odd.length > 0) return { is: 'odd', columns: odd }
  if (left.length === 0) return { is: 'as-before' }
  if (op !== 'd') return changedStanding(row)
  if (present) return { is: 'taken', columns: strange }
  return here ? { is: 'ready', do: 'insert', columns: left } : { is: 'emptied', columns: [] }
}

function changedStanding({ present, here, taken, left, strange }: Row): Standing {
  if (!present && here && !taken) return { is: 'removed' }
  if (!present) return { is: 'gone', columns: [] }
  return strange.length > 0 ? { is: 'changed', columns: strange } : { is: 'ready', do: 'update', columns: left }
}
