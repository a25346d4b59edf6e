/**
 * Notes rows that are removed without a DELETE that shows their keys: rows inserted into these tables later may be restored old
 * rows.
 */
import type { TableName } from '../names.ts'
import type { Statement, TableReference, Unseen } from '../sql/statement.ts'
import type { ConnectionCapture, Queries } from './connection-capture.ts'
import { noteDoubt, noteDoubtOfAny, noteEmptied, noteRename } from './doubtful-keys.ts'
import { allRows } from './locked-rows.ts'
import { isOnRecord } from './recorded-rows.ts'
import { altersBefore, selectedDatabase } from './selected-database.ts'

interface Context {
  /** Earlier statements of the same text. */
  readonly earlier: readonly Statement[]
  readonly isInTest: boolean
}

/** Called before the statement is sent; assumes removal if unknown. */
export function* noteUnseen(
  statement: Statement,
  capture: ConnectionCapture,
  { earlier, isInTest }: Context,
): Queries<void> {
  const removes = isInTest ? removedBy(statement, capture, earlier) : []
  const renames = statement.kind === 'schema' ? (statement.renames ?? []) : []
  if (statement.kind === 'opaque' && statement.prepares !== undefined)
    capture.prepared.set(statement.prepares.toLowerCase(), yield* qualified(statement.unseen, capture, earlier))
  if (removes.length === 0 && renames.length === 0) return
  yield* capture.readSession()
  const { store, session } = capture
  if (!store || !session) return
  const fullName = ({ schema, table }: TableReference): TableName => ({
    schema: schema ?? selectedDatabase(earlier) ?? session.database,
    table,
  })
  for (const [from, to] of renames) noteRename(store, fullName(from), fullName(to))
  if (removes === 'any' || (yield* areViews(removes.map(fullName), capture))) noteDoubtOfAny(store)
  else
    for (const table of removes) {
      const canRead = statement.kind === 'emptied' && !altersBefore(earlier)
      if (!canRead || !(yield* noteRows(table, capture))) noteDoubt(store, fullName(table), 'all')
    }
}

/** Notes the rows of an emptied table, except the tests' own. False: they cannot be read. */
function* noteRows(reference: TableReference, capture: ConnectionCapture): Queries<boolean> {
  const table = yield* capture.table(reference)
  const rows = table && (yield* allRows(table, capture.isInTransaction))
  const { store, sink } = capture
  if (!rows || !store) return false
  const others = rows.filter((key) => !isOnRecord(sink, store, table, key))
  if (others.length > 0) noteEmptied(store, table, others)
  return true
}

function removedBy(statement: Statement, capture: ConnectionCapture, earlier: readonly Statement[]): Unseen['removes'] {
  switch (statement.kind) {
    case 'emptied':
      return statement.dropped ? [] : statement.tables
    case 'delete':
      return altersBefore(earlier) ? statement.change.tables : []
    case 'insert':
      return statement.verb === 'REPLACE' && altersBefore(earlier) ? [statement.table] : []
    default:
      return unseenOf(statement, capture)?.removes ?? []
  }
}

/** What it changes unseen. A statement prepared without being observed may contain anything. */
export function unseenOf(statement: Statement, { prepared }: ConnectionCapture): Unseen | undefined {
  if (statement.kind === 'opaque' && statement.prepares !== undefined) return undefined
  if (statement.kind !== 'session' || statement.executes === undefined) return statement.unseen
  const id = statement.executes.toLowerCase()
  return prepared.has(id) ? prepared.get(id) : { removes: 'any', writes: 'any' }
}

/** A prepared statement keeps the database that was selected when it was prepared. */
function* qualified(
  unseen: Unseen | undefined,
  capture: ConnectionCapture,
  earlier: readonly Statement[],
): Queries<Unseen | undefined> {
  if (!unseen || [unseen.removes, unseen.writes].flat().every((one) => one === 'any' || one.schema !== undefined))
    return unseen
  const schema = selectedDatabase(earlier) ?? (yield* capture.readSession())?.database ?? ''
  const within = (named: Unseen['removes']) =>
    named === 'any' ? named : named.map((reference) => ({ schema, ...reference }))
  return { ...unseen, removes: within(unseen.removes), writes: within(unseen.writes) }
}

/** Rows removed from a view are removed from other tables. */
function* areViews(tables: readonly TableName[], capture: ConnectionCapture): Queries<boolean> {
  for (const name of tables) {
    const table = yield* capture.table(name)
    if (table && !table.isTable) return true
  }
  return false
}
