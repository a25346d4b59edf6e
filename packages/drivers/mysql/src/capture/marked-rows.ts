/** Which rows of a statement carry the run's mark: the session gives it to all that come, also to those that take another's place. */
import { typeOf } from '../names.ts'
import type { Table } from '../tables.ts'
import type { ConnectionCapture } from './connection-capture.ts'
import { allColumns, type InsertPlan, keysWritten } from './plan-insert.ts'
import type { Statement } from './statement.ts'

/** `ours`: those alone that are written over rows on record. */
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
  const its = [...sink.known()].filter((one) => one.store.id === store.id && one.type === type)
  const ours = new Set(its.map(({ key }) => JSON.stringify(key)))
  return keys.every((key) => ours.has(JSON.stringify(key)))
}

/** Undefined: the table has none, or the statement gives its own. */
export function markOf(statement: Statement, table: Table, { sink: { marker } }: ConnectionCapture): Mark | undefined {
  if (!marker || !table.marked || !table.columns.has(marker.columns.run)) return undefined
  const isGiven = statement.kind === 'insert' && (statement.columns ?? allColumns(table)).includes(marker.columns.run)
  return isGiven ? undefined : { column: marker.columns.run, run: marker.run }
}
