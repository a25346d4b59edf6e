/** Rows that go without a DELETE that tells their keys: what comes again into their tables may be what was there. */
import { type TableName, typeOf } from '../names.ts'
import type { ConnectionCapture, Questions } from './connection-capture.ts'
import { noteDoubt, noteDoubtOfAny, noteEmptied, noteRename } from './doubtful-keys.ts'
import type { Statement, TableReference, Unseen } from './statement.ts'
import { allRows } from './taken-rows.ts'

interface Circumstances {
  /** What stands before it in the same text. */
  readonly earlier: readonly Statement[]
  readonly isInTest: boolean
}

/** Before it is sent: in doubt they go. */
export function* noteUnseen(
  statement: Statement,
  capture: ConnectionCapture,
  { earlier, isInTest }: Circumstances,
): Questions<void> {
  const takes = isInTest ? takenBy(statement, capture, earlier) : []
  const renames = statement.kind === 'schema' ? (statement.renames ?? []) : []
  if (statement.kind === 'opaque' && statement.prepares !== undefined)
    capture.prepared.set(statement.prepares.toLowerCase(), statement.unseen)
  if (takes.length === 0 && renames.length === 0) return
  yield* capture.introduced()
  const { store, session } = capture
  if (!store || !session) return
  const named = ({ schema, table }: TableReference): TableName => ({
    schema: schema ?? chosenBy(earlier) ?? session.database,
    table,
  })
  for (const [from, to] of renames) noteRename(store, named(from), named(to))
  if (takes === 'any' || (yield* areViews(takes.map(named), capture))) noteDoubtOfAny(store)
  else
    for (const table of takes) {
      const isAsked = statement.kind === 'emptied' && !altersBefore(earlier)
      if (!isAsked || !(yield* noteRows(table, capture))) noteDoubt(store, named(table), 'all')
    }
}

/** Those of a table that is emptied, but for the tests' own. False: they cannot be told. */
function* noteRows(reference: TableReference, capture: ConnectionCapture): Questions<boolean> {
  const table = yield* capture.table(reference)
  const rows = table && (yield* allRows(table, capture.isInTransaction))
  const { store, session, sink } = capture
  if (!rows || !store || !session) return false
  const type = typeOf(table, session.database)
  const others = rows.filter((key) => sink.onRecord(store, type, key) === undefined)
  if (others.length > 0) noteEmptied(store, table, others)
  return true
}

/** Whether another database, or another way to read, was chosen before in the same text. */
function altersBefore(earlier: readonly Statement[]): boolean {
  return earlier.some((one) => one.kind === 'session' && one.alters && !one.temporary)
}

function takenBy(statement: Statement, capture: ConnectionCapture, earlier: readonly Statement[]): Unseen['takes'] {
  switch (statement.kind) {
    case 'emptied':
      return statement.dropped ? [] : statement.tables
    case 'delete':
      return altersBefore(earlier) ? statement.change.tables : []
    case 'insert':
      return statement.verb === 'REPLACE' && altersBefore(earlier) ? [statement.table] : []
    case 'session':
      return statement.executes === undefined ? [] : executed(statement.executes, capture)
    case 'opaque':
      return statement.prepares === undefined ? (statement.unseen?.takes ?? []) : []
    default:
      return statement.unseen?.takes ?? []
  }
}

/** Who prepared it where nobody looked may have prepared anything. */
function executed(name: string, { prepared }: ConnectionCapture): Unseen['takes'] {
  const id = name.toLowerCase()
  return prepared.has(id) ? (prepared.get(id)?.takes ?? []) : 'any'
}

function chosenBy(earlier: readonly Statement[]): string | undefined {
  const uses = earlier.flatMap((one) => (one.kind === 'session' && one.database !== undefined ? [one.database] : []))
  return uses.at(-1)
}

/** What goes from a view goes from other tables. */
function* areViews(tables: readonly TableName[], capture: ConnectionCapture): Questions<boolean> {
  for (const name of tables) {
    const table = yield* capture.table(name)
    if (table && !table.isTable) return true
  }
  return false
}
