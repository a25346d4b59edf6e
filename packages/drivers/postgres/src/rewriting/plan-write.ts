import type { Code } from '@dustpan/core/driver'
import { quoteIdentifier, readableTable } from '../names.ts'
import type { Write } from '../sql/statement.ts'
import { incarnation } from './incarnation.ts'
import { capturedKey } from './key-style.ts'
import type { TableFacts } from './table-facts.ts'

/** A write, with either the columns that return its keys or the reason why there are none. */
export interface PlannedWrite {
  readonly write: Write
  readonly facts: TableFacts | null
  /**
   * Expressions: the key columns, the table and its incarnation, the mark of the row where the table has one, for an upsert
   * whether the row is new, and, where an update may change the key, the key before it.
   */
  readonly columns?: readonly string[]
  /** The last columns are the key before an update. */
  readonly hasKeyBefore?: true
  readonly why?: { readonly code: Code; readonly message: string }
}

/** `table`: null when it does not exist, undefined when it is unknown. */
export function planWrite(write: Write, table: TableFacts | null | undefined, version: number): PlannedWrite {
  if (!table)
    return {
      write,
      facts: null,
      why: unattributed(write.table.table, absenceReasons[table === null ? 'missing' : 'unknown']),
    }
  if (write.verb === 'update') return planUpdate(write, table, version)
  const why = obstacle(write, table)
  if (why) return { write, facts: table, why }
  const isNew = write.conflict === 'update' ? newRow(write, table, version) : []
  if (!isNew) return { write, facts: table, why: upsertUnattributed(table) }
  const before = oldKey(write, table, version)
  return {
    write,
    facts: table,
    columns: [...keyColumns(write, table), rowOrigin(write, table), ...marker(write, table), ...isNew, ...before],
    ...(before.length > 0 ? { hasKeyBefore: true } : {}),
  }
}

/** Without columns, the statement does not return which keys it changed. */
function planUpdate(write: Write, table: TableFacts, version: number): PlannedWrite {
  const before = obstacle(write, table) ? [] : oldKey(write, table, version)
  if (before.length === 0) return { write, facts: table }
  return {
    write,
    facts: table,
    columns: [...keyColumns(write, table), rowOrigin(write, table), ...before],
    hasKeyBefore: true,
  }
}

/** The key before the update, where the update assigns the key; only PostgreSQL 18 and later return it. */
function oldKey({ old, assigned = [] }: Write, { key }: TableFacts, version: number): readonly string[] {
  if (version < 180_000 || old === undefined || !key.some(({ name }) => assigned.includes(name))) return []
  return key.map((column) => capturedKey(column, `${quoteIdentifier(old)}.${quoteIdentifier(column.name)}`))
}

const absenceReasons = {
  missing: 'the table was not there when the statement was sent; send its creation and the insert apart',
  unknown: 'the client could not be asked about the table (pipeline mode, or an aborted transaction)',
}

type Obstacle = NonNullable<PlannedWrite['why']>

function obstacle(write: Write, table: TableFacts): Obstacle | undefined {
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

export function unattributed(table: string, reason: string): Obstacle {
  return { code: 'DUSTPAN_SQL_UNATTRIBUTED', message: `Rows inserted into ${table} are not tracked: ${reason}` }
}

function noKey(table: string): Obstacle {
  const message = `Rows inserted into ${table} are not tracked: it has neither a primary key nor a unique key of NOT NULL columns (one that is DEFERRABLE will not do); add one, or list the table in ignoreTables`
  return { code: 'DUSTPAN_NO_PRIMARY_KEY', message }
}

function upsertUnattributed(table: TableFacts): Obstacle {
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

/** The table and incarnation; for a deleted row that may be from an inheriting table, the oid of its table. */
function rowOrigin(write: Write, table: TableFacts): string {
  if (write.verb === 'delete' && table.inherited) return `${quoteIdentifier(write.reference)}.tableoid::int8`
  return incarnation(write, table)
}

function marker({ verb, reference }: Write, { marker }: TableFacts): readonly string[] {
  return verb === 'insert' && marker !== null ? [`${quoteIdentifier(reference)}.${quoteIdentifier(marker)}`] : []
}

/** Whether the row is new. Partitioned tables have no xmax before PostgreSQL 18, where the old row can be returned. */
function newRow(write: Write, table: TableFacts, version: number): readonly string[] | undefined {
  const column = table.key[0]?.name
  if (version >= 180_000 && write.old !== undefined && column !== undefined) {
    return [`(${quoteIdentifier(write.old)}.${quoteIdentifier(column)} IS NULL)`]
  }
  return table.kind === 'r' && table.readable ? [`(${quoteIdentifier(write.reference)}.xmax::text = '0')`] : undefined
}
