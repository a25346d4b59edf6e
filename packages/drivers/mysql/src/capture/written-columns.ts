/**
 * Columns that this process has written in existing rows: their values do not show when a row was created. Tables with the same
 * name count as one, in any schema.
 */
import type { Change, Statement, TableReference } from '../sql/statement.ts'

type Columns = 'all' | Set<string>

const written = new Map<string, Columns>()
let isAnyWritten = false
let noted = new WeakSet<Statement>()

export function noteWritten(statement: Statement): void {
  if (noted.has(statement)) return
  noted.add(statement)
  const { unseen } = statement
  if (unseen) noteAll(unseen.writes)
  if (statement.kind === 'update') noteUpdate(statement)
  if (statement.kind !== 'insert') return
  if (statement.verb === 'REPLACE') noteAll([statement.table])
  else if (statement.updates) noteColumns(statement.table, statement.sets ?? ['*'])
}

export function mayBeWritten(table: string, columns: readonly string[]): boolean {
  const found = written.get(table.toLowerCase())
  return isAnyWritten || found === 'all' || columns.some((column) => found?.has(column.toLowerCase()) === true)
}

export function forgetWritten(): void {
  written.clear()
  isAnyWritten = false
  noted = new WeakSet()
}

function noteUpdate(statement: { change(): Change }): void {
  try {
    const { tables, columns = ['*'] } = statement.change()
    for (const table of tables) noteColumns(table, columns)
  } catch {
    isAnyWritten = true
  }
}

function noteAll(tables: readonly TableReference[] | 'any'): void {
  if (tables === 'any') isAnyWritten = true
  else for (const table of tables) noteColumns(table, ['*'])
}

/** `*` or an empty name: any column. */
function noteColumns({ table }: TableReference, columns: readonly string[]): void {
  const name = table.toLowerCase()
  const found = written.get(name) ?? new Set<string>()
  const isAny = found === 'all' || columns.some((column) => column === '' || column === '*')
  written.set(name, isAny ? 'all' : found.union(new Set(columns.map((column) => column.toLowerCase()))))
}
