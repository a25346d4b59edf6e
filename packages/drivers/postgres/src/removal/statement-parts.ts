import { DustpanError, type Json } from '@dustpan/core/driver'
import { keyText } from '../key-text.ts'
import type { TypedColumn } from '../key-value.ts'
import { quoteIdentifier, quoteTable, readable, readableTable } from '../names.ts'
import { type Batch, keyArrays, textOf } from './batches.ts'
import type { Value } from './exchange.ts'
import { heldThrough, type Reference, type Table } from './tables.ts'

/** The parameters of a statement: values never become part of its text. */
export class Parameters {
  readonly values: Value[] = []

  add(value: Value): string {
    this.values.push(value)
    return `$${this.values.length}`
  }
}

/** The table in SQL. `ONLY` excludes rows of inheriting tables; the rows of a partitioned table are in its partitions. */
export function tableSql(table: Table): string {
  return `${table.kind === 'r' ? 'ONLY ' : ''}${quoteTable(table)}`
}

/** Condition: a row of `t` is one of the batch's, by its key. */
export function isTarget(batch: Batch, parameters: Parameters): string {
  const lists = keyLists(batch, parameters)
  const [only] = lists
  if (lists.length === 1 && only && !only.isNested) return `${only.column} = ANY (${only.list})`
  const { values, table } = keyTable(lists)
  return `(${lists.map(({ column }) => column).join(', ')}) IN (SELECT ${values.join(', ')} FROM ${table} k(${valueNames(lists).join(', ')}))`
}

/** Condition: a row with these key columns is not one of the batch's. */
export function isNoTarget(batch: Batch, columns: readonly string[], parameters: Parameters): string {
  const lists = keyLists(batch, parameters)
  const [only] = lists
  if (lists.length === 1 && only && !only.isNested) return `${columns[0]} <> ALL (${only.list})`
  const { values, table } = keyTable(lists)
  return `(${columns.join(', ')}) NOT IN (SELECT ${values.join(', ')} FROM ${table} k(${valueNames(lists).join(', ')}))`
}

/** The keys of the batch as a table `k` of their values and, in `n`, their number. */
export function numbered(batch: Batch, parameters: Parameters): string {
  const lists = keyLists(batch, parameters)
  const { values, table } = keyTable(lists)
  const named = values.map((value, index) => `${value} AS k${index}`)
  return `(SELECT ${named.join(', ')}, n FROM ${table} WITH ORDINALITY k(${valueNames(lists).join(', ')}, n)) k`
}

interface KeyList {
  readonly column: string
  readonly type: string
  readonly list: string
  /** Its values are passed as text. */
  readonly isNested: boolean
}

function keyLists(batch: Batch, parameters: Parameters): readonly KeyList[] {
  return keyArrays(batch).map((values, index) => {
    const column = batch.columns[index] ?? ''
    const type = typeOfColumn(batch.table, column)
    const isNested = isNestedColumn(batch.table, column)
    const list = `${parameters.add(values)}::${isNested ? 'text' : type}[]`
    return { column: `t.${quoteIdentifier(column)}`, type, list, isNested }
  })
}

function keyTable(lists: readonly KeyList[]): { readonly values: readonly string[]; readonly table: string } {
  return {
    values: lists.map(({ type, isNested }, index) => `k.k${index}${isNested ? `::${type}` : ''}`),
    table: `unnest(${lists.map(({ list }) => list).join(', ')})`,
  }
}

/**
 * Whether the values of a column are arrays or rows. An array of arrays would become one two-dimensional array, and
 * unnest() expands an array of rows into their columns.
 */
export function isNestedColumn(table: Table, column: string): boolean {
  return table.composite.includes(column) || /^(?:.*\.)?"?_/.test(typeOfColumn(table, column))
}

const valueNames = (lists: readonly KeyList[]): readonly string[] => lists.map((_, index) => `k${index}`)

export function isNumbered({ columns }: Batch): string {
  return columns.map((column, index) => `t.${quoteIdentifier(column)} = k.k${index}`).join(' AND ')
}

/**
 * Condition: a row is still the recorded one. The table was not emptied since, the columns still match, and no other row
 * has the same key.
 */
export function isOurs(batch: Batch, parameters: Parameters): string {
  const { table, proof, where } = batch
  const identity = where ? [where(parameters)] : isByKey(batch) ? [] : [isSingleRow(batch)]
  return [
    isIncarnation(table, proof.incarnation, parameters),
    ...matches(proof.match ?? {}, parameters),
    hasRecordedColumnsSql(batch, parameters),
    ...identity,
  ].join(' AND ')
}

/** Condition: the column names still mean the recorded columns. */
export function hasRecordedColumnsSql({ table, columns, numbers }: Batch, parameters: Parameters): string {
  if (!numbers) return 'true'
  const matching = columns.map(
    (name, index) => `attnum = ${Number(numbers[index])} AND attname = ${parameters.add(name)}`,
  )
  return `(SELECT count(*) FROM pg_catalog.pg_attribute WHERE attrelid = ${Number(table.oid)}::oid AND (${matching.join(' OR ')})) = ${columns.length}`
}

/** Whether the rows are recorded by the key of their table. */
export function isByKey({ columns, table }: Batch): boolean {
  return table.key.length > 0 && columns.join('\n') === table.key.join('\n')
}

function isSingleRow({ columns, table }: Batch): string {
  const same = columns.map((name) => `o.${quoteIdentifier(name)} = t.${quoteIdentifier(name)}`)
  return `NOT EXISTS (SELECT FROM ${tableSql(table)} o WHERE ${same.join(' AND ')} AND (o.tableoid, o.ctid) <> (t.tableoid, t.ctid))`
}

/** Condition: no row of another table refers to a row of `t`. */
export function hasNoDependents({ referencedBy }: Pick<Table, 'referencedBy'>): string {
  return referencedBy.map((reference) => ` AND NOT ${hasDependents(reference)}`).join('')
}

export function hasDependents(reference: Reference): string {
  return `EXISTS (SELECT FROM ${quoteTable(reference)} c WHERE ${refersTo(reference, 't')})`
}

export function refersTo({ columns, parentColumns }: Reference, parent: string): string {
  return columns
    .map((column, index) => `c.${quoteIdentifier(column)} = ${parent}.${quoteIdentifier(parentColumns[index] ?? '')}`)
    .join(' AND ')
}

/** Condition: no foreign key was added or dropped since they were read. */
export function foreignKeysAreKnown({ oid, inParts, referencedBy }: Table): string {
  const held = inParts ? `IN ${heldThrough(`${Number(oid)}::oid`)}` : `= ${Number(oid)}`
  return ` AND (SELECT count(*) FROM pg_catalog.pg_constraint WHERE contype = 'f' AND confrelid ${held} AND conparentid = 0) = ${referencedBy.length}`
}

/** The key of a row of `t` as a JSON array of text. */
export function keyJson(key: readonly TypedColumn[], row = 't'): string {
  return `json_build_array(${key.map((column) => keyText(column, `${row}.${quoteIdentifier(column.name)}`)).join(', ')})`
}

export function typedKey({ key, columns }: Pick<Table, 'key' | 'columns'>): readonly TypedColumn[] {
  return key.map((name) => ({ name, type: columns[name] ?? '' }))
}

export function typeOfColumn(table: Table, column: string): string {
  const type = Object.hasOwn(table.columns, column) ? table.columns[column] : undefined
  if (type !== undefined) return type
  throw new DustpanError(
    'DUSTPAN_REMOVAL_FAILED',
    `The table ${readableTable(table)} has no column ${readable(column)}`,
  )
}

function isIncarnation(table: Table, incarnation: unknown, parameters: Parameters): string {
  if (incarnation === undefined) return 'true'
  const tableOid = table.kind === 'r' ? `${Number(table.oid)}::oid` : 't.tableoid'
  return `pg_catalog.pg_relation_filenode(${tableOid}) = ${parameters.add(String(incarnation))}::oid`
}

function matches(match: NonNullable<Batch['proof']['match']>, parameters: Parameters): readonly string[] {
  return Object.entries(match).map(([column, value]) => {
    const wanted = value === null ? 'null' : JSON.stringify(value)
    return `coalesce(to_jsonb(t.${quoteIdentifier(column)}), 'null'::jsonb) = ${parameters.add(wanted)}::jsonb`
  })
}

/** The assignments that mark a row as deleted. */
export function assignments({ set = {}, table }: Batch, parameters: Parameters): string {
  return Object.entries(set)
    .map(([column, value]) => `${quoteIdentifier(column)} = ${mark(table, column, value, parameters)}`)
    .join(', ')
}

/** Condition: a row is not marked as deleted yet; empty where rows are not marked. */
export function isUnmarked({ set, table }: Pick<Batch, 'set' | 'table'>, parameters: Parameters): string {
  if (!set) return ''
  const marked = Object.entries(set).map(([column, value]) => {
    const name = `t.${quoteIdentifier(column)}`
    return value === 'now'
      ? `${name} IS NOT NULL`
      : `${name} IS NOT DISTINCT FROM ${mark(table, column, value, parameters)}`
  })
  return ` AND NOT (${marked.join(' AND ')})`
}

/** `'now'` is the current time; `{id}` in a text is the row's own key, so that unique values become free again. */
function mark(table: Table, column: string, value: Json, parameters: Parameters): string {
  const type = typeOfColumn(table, column)
  if (value === 'now') return 'now()'
  if (typeof value !== 'string' || !value.includes('{id}')) return `${parameters.add(textOf(value))}::${type}`
  const key = table.key.map((name) => `t.${quoteIdentifier(name)}`).join(', ')
  return `replace(${parameters.add(value)}, '{id}', concat_ws('-', ${key}))::${type}`
}
