import type { Answer } from '../removal/exchange.ts'
import type { StoreClient } from '../removal/own-client.ts'
import type { Change } from './change.ts'
import { lookSql } from './change-sql.ts'
import type { RestorableTable, TableChanges } from './restorable-tables.ts'

/** The current state of a changed row. */
export type RowState =
  | { readonly is: 'ready'; readonly do: 'update' | 'insert'; readonly columns: readonly string[] }
  | { readonly is: 'as-before' }
  /** Dustpan itself removed it, as another test's row. */
  | { readonly is: 'removed' }
  /** Another writer changed these columns since, deleted the row, put another one in its place, or emptied the table. */
  | { readonly is: 'changed' | 'gone' | 'taken' | 'emptied'; readonly columns: readonly string[] }
  /** The log no longer has the change. */
  | { readonly is: 'forgotten' }
  /** It has columns whose values cannot be written back. */
  | { readonly is: 'odd'; readonly columns: readonly string[] }

export interface SeenChange {
  readonly change: Change
  readonly table: RestorableTable
  readonly state: RowState
  /** The current table and key of the row: two changes of one row have the same. */
  readonly rowId: string
}

/** Reads the state of changed rows, the newest change first. */
export async function look(
  client: StoreClient,
  tables: readonly TableChanges[],
  signal: AbortSignal,
): Promise<readonly SeenChange[]> {
  const looks = tables.map(({ table, changes }) => lookSql(table, changes[0]?.args.columns ?? [], changes))
  const answers = await client.run(looks, signal)
  const seen = tables.flatMap((table, index) => seenIn(table, answers[index]?.rows ?? []))
  return seen.sort((a, b) => b.change.last - a.change.last)
}

function seenIn({ table, changes }: TableChanges, rows: Answer['rows']): readonly SeenChange[] {
  const found = new Map(rows.map(([row]) => numberedRow(row ?? 'null')))
  return changes.map((change, index) => {
    const row = found.get(index + 1)
    const rowId = JSON.stringify([table.schema, table.table, row?.currentKey])
    return { change, table, rowId, state: row ? rowStateOf(row) : { is: 'forgotten' } }
  })
}

interface Row {
  readonly op: 'i' | 'u' | 'd'
  readonly hasSameFile: boolean
  readonly known: boolean
  readonly present: boolean
  /** The row does not exist and another writer took it away, or it may exist but be hidden from us. */
  readonly taken: boolean
  readonly currentKey: readonly (string | null)[]
  readonly left: readonly string[]
  readonly conflicting: readonly string[]
  readonly odd: readonly string[]
}

function numberedRow(text: string): readonly [number, Row] {
  const [n, op, hasSameFile, known, present, taken, currentKey, left, conflicting, odd] = JSON.parse(text) as readonly [
    ...[number, Row['op'], boolean, boolean, boolean, boolean, Row['currentKey']],
    ...[readonly string[], readonly string[], readonly string[]],
  ]
  return [n, { op, hasSameFile, known, present, taken, currentKey, left, conflicting, odd }]
}

function rowStateOf(row: Row): RowState {
  const { op, hasSameFile, known, present, left, conflicting, odd } = row
  if (!known) return { is: 'changed', columns: [] }
  if (odd.length > 0) return { is: 'odd', columns: odd }
  if (left.length === 0) return { is: 'as-before' }
  if (op !== 'd') return changedState(row)
  if (present) return { is: 'taken', columns: conflicting }
  return hasSameFile ? { is: 'ready', do: 'insert', columns: left } : { is: 'emptied', columns: [] }
}

function changedState({ present, hasSameFile, taken, left, conflicting }: Row): RowState {
  if (!present && hasSameFile && !taken) return { is: 'removed' }
  if (!present) return { is: 'gone', columns: [] }
  return conflicting.length > 0 ? { is: 'changed', columns: conflicting } : { is: 'ready', do: 'update', columns: left }
}
