import type { Code } from '@dustpan/core/driver'
import { quoteIdentifier, readableTable } from '../names.ts'
import { incarnation } from './incarnation.ts'
import { capturedKey } from './key-style.ts'
import type { Write } from './statement.ts'
import type { TableFacts } from './table-facts.ts'

/** A write, and either the columns that tell its keys or the reason why none can. */
export interface PlannedWrite {
  readonly write: Write
  readonly facts: TableFacts | null
  /**
   * Expressions: the key's columns, the table and its incarnation, the row's mark where it has one, for an upsert whether the row is new, and where
   * an update may change the key what it was before.
   */
  readonly columns?: readonly string[]
  /** The last of the columns are the key before an update. */
  readonly tellsBefore?: true
  readonly why?: { readonly code: Code; readonly message: string }
}

/** `table`: null when it is not there, undefined when nothing is known of it. */
export function planWrite(write: Write, table: TableFacts | null | undefined, version: number): PlannedWrite {
  if (!table)
    return { write, facts: null, why: unattributed(write.table.table, absent[table === null ? 'missing' : 'unknown']) }
  if (write.verb === 'update') return planUpdate(write, table, version)
  const why = obstacle(write, table)
  if (why) return { write, facts: table, why }
  const isNew = write.conflict === 'update' ? newRow(write, table, version) : []
  if (!isNew) return { write, facts: table, why: upsertUnattributed(table) }
  const before = oldKey(write, table, version)
  return {
    write,
    facts: table,
    columns: [...keyColumns(write, table), place(write, table), ...marker(write, table), ...isNew, ...before],
    ...(before.length > 0 ? { tellsBefore: true } : {}),
  }
}

/** Without columns it does not tell which keys it changed. */
function planUpdate(write: Write, table: TableFacts, version: number): PlannedWrite {
  const before = obstacle(write, table) ? [] : oldKey(write, table, version)
  if (before.length === 0) return { write, facts: table }
  return {
    write,
    facts: table,
    columns: [...keyColumns(write, table), place(write, table), ...before],
    tellsBefore: true,
  }
}

/** Where the key is given another value; only PostgreSQL 18 and later tell it. */
function oldKey({ old, assigned = [] }: Write, { key }: TableFacts, version: number): readonly string[] {
  if (version < 180_000 || old === undefined || !key.some(({ name }) => assigned.includes(name))) return []
  return key.map((column) => capturedKey(column, `${quoteIdentifier(old)}.${quoteIdentifier(column.name)}`))
}

const absent = {
  missing: 'the table was not there when the statement was sent; send its creation and the insert apart',
  unknown: 'the client could not be asked about the table (pipeline mode, or an aborted transaction)',
}

type Why = NonNullable<PlannedWrite['why']>

function obstacle(write: Write, table: TableFacts): Why | undefined {
  const name = readableTable(table)
  if (table.kind !== 'r' && table.kind !== 'p') {
    return unattributed(name, 'it is a view or foreign table; insert into the table behind it, or track() the rows')
  }
  if (table.temporary) return unattributed(name, 'it is a temporary table, and goes with its session')
  if (table.rules) return unattributed(name, 'it has rules, which forbid RETURNING; track() the rows')
  if (table.key.length === 0) return noKey(name)
  if (table.secured)
    return unattributed(
      name,
      `row-level security is in force for this role; ${write.verb} as a role that bypasses it, or track() the rows`,
    )
  if (table.key.some((column) => !column.readable)) {
    return unattributed(
      name,
      `the role may not read its key; GRANT SELECT (${table.key.map((column) => column.name).join(', ')}), or track() the rows`,
    )
  }
  return undefined
}

export function unattributed(table: string, because: string): Why {
  return { code: 'DUSTPAN_SQL_UNATTRIBUTED', message: `Rows inserted into ${table} are not tracked: ${because}` }
}

function noKey(table: string): Why {
  const message = `Rows inserted into ${table} are not tracked: it has neither a primary key nor a unique key of NOT NULL columns (one that is DEFERRABLE will not do); add one, or list the table in ignoreTables`
  return { code: 'DUSTPAN_NO_PRIMARY_KEY', message }
}

function upsertUnattributed(table: TableFacts): Why {
  return unattributed(
    readableTable(table),
    'ON CONFLICT DO UPDATE does not tell here which rows are new; insert and update apart, or track() the rows',
  )
}

function keyColumns(write: Write, table: TableFacts): readonly string[] {
  return table.key.map((column) =>
    capturedKey(column, `${quoteIdentifier(write.reference)}.${quoteIdentifier(column.name)}`),
  )
}

/** For a deleted row that may be another table's, whose it was. */
function place(write: Write, table: TableFacts): string {
  if (write.verb === 'delete' && table.inherited) return `${quoteIdentifier(write.reference)}.tableoid::int8`
  return incarnation(write, table)
}

function marker({ verb, reference }: Write, { marker }: TableFacts): readonly string[] {
  return verb === 'insert' && marker !== null ? [`${quoteIdentifier(reference)}.${quoteIdentifier(marker)}`] : []
}

/** Partitioned tables have no xmax before PostgreSQL 18, where the old row can be asked for. */
function newRow(write: Write, table: TableFacts, version: number): readonly string[] | undefined {
  const column = table.key[0]?.name
  if (version >= 180_000 && write.old !== undefined && column !== undefined) {
    return [`(${quoteIdentifier(write.old)}.${quoteIdentifier(column)} IS NULL)`]
  }
  return table.kind === 'r' && table.readable ? [`(${quoteIdentifier(write.reference)}.xmax::text = '0')`] : undefined
}
