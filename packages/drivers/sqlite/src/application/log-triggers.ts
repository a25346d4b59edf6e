/** Builds the triggers of one table. Pure. Uses only SQLite's own functions, as any program may open the file. */
import { quoted } from '../quote.ts'
import type { Table } from '../tables.ts'
import { nowSql } from './log-tables.ts'

/** `claim`: unattributed rows may be removed or restored; `leave`: they never are, and their values are not logged. */
export type Unattributed = 'claim' | 'leave'

export const triggerName = /^dustpan_log_(\d+)_(?:met|i|u|d)$/

/**
 * An INSERT that finds an existing row with its key logs a line of its own: if it replaces that row, SQLite fires no delete
 * trigger (unless `PRAGMA recursive_triggers` is on).
 */
export function triggersFor(table: Table, number: number, unattributed: Unattributed): readonly string[] {
  const on = quoted(table.name)
  const create = (op: string, event: string, body: string) =>
    `CREATE TRIGGER dustpan_log_${number}_${op} ${event} ON ${on} ${body}; END`
  const line = (op: string, values: { readonly [column: string]: string }, from = 'dustpan_context') =>
    `INSERT INTO dustpan_log (run, scope, at, tbl, op, ${Object.keys(values).join(', ')}) SELECT coalesce(dustpan_context.run, ''), coalesce(dustpan_context.scope, ''), ${nowSql}, ${number}, '${op}', ${Object.values(values).join(', ')} FROM ${from}`
  const image = imageFor(table, unattributed)
  const keyChanged = anyOf(table.key.map(changed))
  const same = table.key.map((column) => `dustpan_row.${quoted(column)} = NEW.${quoted(column)}`).join(' AND ')
  const existing = `${on} AS dustpan_row CROSS JOIN dustpan_context WHERE ${same}`
  return [
    create(
      'met',
      'BEFORE INSERT',
      `BEGIN ${line('e', { key: keySql(table, 'dustpan_row'), was: image('dustpan_row') }, existing)}`,
    ),
    create('i', 'AFTER INSERT', `BEGIN ${line('i', { key: keySql(table, 'NEW') })}`),
    create(
      'u',
      'AFTER UPDATE',
      `WHEN ${anyOf(writtenColumns(table).map(changed))} BEGIN ${line('u', {
        key: keySql(table, 'OLD'),
        key_now: `CASE WHEN ${keyChanged} THEN ${keySql(table, 'NEW')} END`,
        was: image('OLD'),
        now: image('NEW'),
      })}`,
    ),
    create('d', 'AFTER DELETE', `BEGIN ${line('d', { key: keySql(table, 'OLD'), was: image('OLD') })}`),
  ]
}

type Row = 'OLD' | 'NEW' | 'dustpan_row'

/** A rowid used as the key is not a column, but can change too. */
function writtenColumns({ key, bare, columns, generated }: Table): readonly string[] {
  return [...(bare ? key : []), ...[...columns.keys()].filter((column) => !generated.includes(column))]
}

/** Ignores the column's collation. */
const changed = (column: string): string => `OLD.${quoted(column)} COLLATE BINARY IS NOT NEW.${quoted(column)}`

function keySql({ key }: Table, row: Row): string {
  return `'[' || ${key.map((column) => valueSql(`${row}.${quoted(column)}`)).join(` || ',' || `)} || ']'`
}

function imageFor(table: Table, unattributed: Unattributed): (row: Row) => string {
  return (row) => {
    const image = imageSql(table, row)
    return unattributed === 'claim' ? image : `CASE WHEN coalesce(dustpan_context.run, '') <> '' THEN ${image} END`
  }
}

/** All written values of a row, as JSON. */
export function imageSql(table: Table, row: Row): string {
  const members = writtenColumns(table).map((column, index) => {
    const label = `${index === 0 ? '{' : ','}${JSON.stringify(column)}:`
    return `'${label.replaceAll("'", "''")}' || ${valueSql(`${row}.${quoted(column)}`)}`
  })
  return `${balanced(members, '||')} || '}'`
}

/**
 * A value as JSON; values that JSON cannot represent become an object: `{"blob":"00ff"}`, `{"integer":"9007199254740993"}`. The
 * application may use an old SQLite, whose json_quote() truncates a REAL to 15 digits and writes `Inf`.
 */
function valueSql(value: string): string {
  return `CASE typeof(${value}) WHEN 'blob' THEN '{"blob":"' || lower(hex(${value})) || '"}' WHEN 'integer' THEN CASE WHEN ${value} BETWEEN -9007199254740991 AND 9007199254740991 THEN ${value} ELSE '{"integer":"' || ${value} || '"}' END WHEN 'real' THEN CASE ${value} WHEN 9e999 THEN '9e999' WHEN -9e999 THEN '-9e999' ELSE printf('%!.17g', ${value}) END ELSE json_quote(${value}) END`
}

const anyOf = (conditions: readonly string[]): string => balanced(conditions, 'OR')

/** Joins the parts as a balanced tree: SQLite allows an expression depth of 1000, and 2000 columns. */
function balanced(parts: readonly string[], operator: string): string {
  if (parts.length === 1) return parts[0] ?? ''
  const half = Math.ceil(parts.length / 2)
  return `(${balanced(parts.slice(0, half), operator)} ${operator} ${balanced(parts.slice(half), operator)})`
}
