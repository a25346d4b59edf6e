/** Determines which rows carry the run's mark: the session marks all inserted rows, including those that replace others. */
import { typeOf } from '../names.ts'
import type { Statement } from '../sql/statement.ts'
import type { Table } from '../tables.ts'
import type { ConnectionCapture } from './connection-capture.ts'
import { allColumns, type InsertPlan, keysWritten } from './plan-insert.ts'

/** `ours`: only statements that overwrite nothing but recorded rows. */
export type Marks = 'all' | 'ours' | 'none'

export interface Mark {
  readonly column: string
  readonly run: string
}

export function mayMark(plan: InsertPlan, marks: Marks, capture: ConnectionCapture): boolean {
  if (marks !== 'ours') return marks === 'all'
  const { store, session, sink } = capture
  const keys = plan.table.marked ? keysWritten(plan) : undefined
  if (!keys || !store || !session) return false
  const type = typeOf(plan.table, session.database)
  const known = [...sink.known()].filter((one) => one.store.id === store.id && one.type === type)
  const recordedKeys = new Set(known.map(({ key }) => JSON.stringify(key)))
  return keys.every((key) => recordedKeys.has(JSON.stringify(key)))
}

/** Undefined: the table has no marker column, or the statement sets it. */
export function markOf(statement: Statement, table: Table, { sink: { marker } }: ConnectionCapture): Mark | undefined {
  if (!marker || !table.marked || !table.columns.has(marker.columns.run)) return undefined
  const isGiven = statement.kind === 'insert' && (statement.columns ?? allColumns(table)).includes(marker.columns.run)
  return isGiven ? undefined : { column: marker.columns.run, run: marker.run }
}
