import { DustpanError, type Json } from '@dustpan/core/driver'
import { keyText } from '../key-text.ts'
import type { TypedColumn } from '../key-value.ts'
import { quoteIdentifier, quoteTable, readable, readableTable } from '../names.ts'
import { type Batch, keyArrays, textOf } from './batches.ts'
import type { Value } from './exchange.ts'
import { heldThrough, type Reference, type TableShape } from './shapes.ts'

/** The values of a statement: each goes in as a parameter, never as text. */
export class Parameters {
  readonly values: Value[] = []

  add(value: Value): string {
    this.values.push(value)
    return `$${this.values.length}`
  }
}

/** `ONLY` keeps rows of tables that inherit out; the rows of a partitioned table are in its partitions. */
export function tableOf(shape: TableShape): string {
  return `${shape.kind === 'r' ? 'ONLY ' : ''}${quoteTable(shape)}`
}

/** That a row of `t` is one of the batch's, by its key. */
export function isTarget(batch: Batch, parameters: Parameters): string {
  const lists = keyLists(batch, parameters)
  const [only] = lists
  if (lists.length === 1 && only && !only.isNested) return `${only.column} = ANY (${only.list})`
  const { values, table } = keyTable(lists)
  return `(${lists.map(({ column }) => column).join(', ')}) IN (SELECT ${values.join(', ')} FROM ${table} k(${names(lists).join(', ')}))`
}

/** That a row by these columns of its key is none of the batch's. */
export function isNoTarget(batch: Batch, columns: readonly string[], parameters: Parameters): string {
  const lists = keyLists(batch, parameters)
  const [only] = lists
  if (lists.length === 1 && only && !only.isNested) return `${columns[0]} <> ALL (${only.list})`
  const { values, table } = keyTable(lists)
  return `(${columns.join(', ')}) NOT IN (SELECT ${values.join(', ')} FROM ${table} k(${names(lists).join(', ')}))`
}

/** The batch's keys as a table `k` of their values and, in `n`, their number. */
export function numbered(batch: Batch, parameters: Parameters): string {
  const lists = keyLists(batch, parameters)
  const { values, table } = keyTable(lists)
  const named = values.map((value, index) => `${value} AS k${index}`)
  return `(SELECT ${named.join(', ')}, n FROM ${table} WITH ORDINALITY k(${names(lists).join(', ')}, n)) k`
}

interface KeyList {
  readonly column: string
  readonly type: string
  readonly list: string
  /** Its values go in as texts. */
  readonly isNested: boolean
}

function keyLists(batch: Batch, parameters: Parameters): readonly KeyList[] {
  return keyArrays(batch).map((values, index) => {
    const column = batch.columns[index] ?? ''
    const type = typeOfColumn(batch.shape, column)
    const isNested = isNestedColumn(batch.shape, column)
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
 * Whether a column's values are arrays or rows. An array of arrays would be one array of two dimensions, and unnest() makes of an array of rows as
 * many columns as these have.
 */
export function isNestedColumn(shape: TableShape, column: string): boolean {
  return shape.composite.includes(column) || /^(?:.*\.)?"?_/.test(typeOfColumn(shape, column))
}

const names = (lists: readonly KeyList[]): readonly string[] => lists.map((_, index) => `k${index}`)

export function isNumbered({ columns }: Batch): string {
  return columns.map((column, index) => `t.${quoteIdentifier(column)} = k.k${index}`).join(' AND ')
}

/** That a row is what the record says: the table was not emptied since, the columns still match, and no other row goes by the same name. */
export function isOurs(batch: Batch, parameters: Parameters): string {
  const { shape, proof, where } = batch
  const meant = where ? [where(parameters)] : isByKey(batch) ? [] : [isOnlyOne(batch)]
  return [
    isIncarnation(shape, proof.incarnation, parameters),
    ...matches(proof.match ?? {}, parameters),
    hasItsColumns(batch, parameters),
    ...meant,
  ].join(' AND ')
}

/** That the columns' names mean those that they meant. */
export function hasItsColumns({ shape, columns, numbers }: Batch, parameters: Parameters): string {
  if (!numbers) return 'true'
  const are = columns.map((name, index) => `attnum = ${Number(numbers[index])} AND attname = ${parameters.add(name)}`)
  return `(SELECT count(*) FROM pg_catalog.pg_attribute WHERE attrelid = ${Number(shape.oid)}::oid AND (${are.join(' OR ')})) = ${columns.length}`
}

/** Whether the columns that name the rows are the table's key. */
export function isByKey({ columns, shape }: Batch): boolean {
  return shape.key.length > 0 && columns.join('\n') === shape.key.join('\n')
}

function isOnlyOne({ columns, shape }: Batch): string {
  const same = columns.map((name) => `o.${quoteIdentifier(name)} = t.${quoteIdentifier(name)}`)
  return `NOT EXISTS (SELECT FROM ${tableOf(shape)} o WHERE ${same.join(' AND ')} AND (o.tableoid, o.ctid) <> (t.tableoid, t.ctid))`
}

/** That no row of another table refers to a row of `t`. */
export function hasNoDependents({ referencedBy }: Pick<TableShape, 'referencedBy'>): string {
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

/** That nobody has added or dropped a foreign key since they were read. */
export function foreignKeysAreKnown({ oid, inParts, referencedBy }: TableShape): string {
  const held = inParts ? `IN ${heldThrough(`${Number(oid)}::oid`)}` : `= ${Number(oid)}`
  return ` AND (SELECT count(*) FROM pg_catalog.pg_constraint WHERE contype = 'f' AND confrelid ${held} AND conparentid = 0) = ${referencedBy.length}`
}

/** The key of a row of `t` as texts in JSON. */
export function keyJson(key: readonly TypedColumn[], row = 't'): string {
  return `json_build_array(${key.map((column) => keyText(column, `${row}.${quoteIdentifier(column.name)}`)).join(', ')})`
}

export function typedKey({ key, columns }: Pick<TableShape, 'key' | 'columns'>): readonly TypedColumn[] {
  return key.map((name) => ({ name, type: columns[name] ?? '' }))
}

export function typeOfColumn(shape: TableShape, column: string): string {
  const type = Object.hasOwn(shape.columns, column) ? shape.columns[column] : undefined
  if (type !== undefined) return type
  throw new DustpanError(
    'DUSTPAN_REMOVAL_FAILED',
    `The table ${readableTable(shape)} has no column ${readable(column)}`,
  )
}

function isIncarnation(shape: TableShape, incarnation: unknown, parameters: Parameters): string {
  if (incarnation === undefined) return 'true'
  const table = shape.kind === 'r' ? `${Number(shape.oid)}::oid` : 't.tableoid'
  return `pg_catalog.pg_relation_filenode(${table}) = ${parameters.add(String(incarnation))}::oid`
}

function matches(match: NonNullable<Batch['proof']['match']>, parameters: Parameters): readonly string[] {
  return Object.entries(match).map(([column, value]) => {
    const wanted = value === null ? 'null' : JSON.stringify(value)
    return `coalesce(to_jsonb(t.${quoteIdentifier(column)}), 'null'::jsonb) = ${parameters.add(wanted)}::jsonb`
  })
}

/** The assignments that mark a row as deleted. */
export function assignments({ set = {}, shape }: Batch, parameters: Parameters): string {
  return Object.entries(set)
    .map(([column, value]) => `${quoteIdentifier(column)} = ${mark(shape, column, value, parameters)}`)
    .join(', ')
}

/** That a row is not marked as deleted yet, where rows are marked. */
export function isUnmarked({ set, shape }: Pick<Batch, 'set' | 'shape'>, parameters: Parameters): string {
  if (!set) return ''
  const marked = Object.entries(set).map(([column, value]) => {
    const name = `t.${quoteIdentifier(column)}`
    return value === 'now'
      ? `${name} IS NOT NULL`
      : `${name} IS NOT DISTINCT FROM ${mark(shape, column, value, parameters)}`
  })
  return ` AND NOT (${marked.join(' AND ')})`
}

/** `'now'` is the time, `{id}` in a text the row's own key, so that unique columns can be set free. */
function mark(shape: TableShape, column: string, value: Json, parameters: Parameters): string {
  const type = typeOfColumn(shape, column)
  if (value === 'now') return 'now()'
  if (typeof value !== 'string' || !value.includes('{id}')) return `${parameters.add(textOf(value))}::${type}`
  const key = shape.key.map((name) => `t.${quoteIdentifier(name)}`).join(', ')
  return `replace(${parameters.add(value)}, '{id}', concat_ws('-', ${key}))::${type}`
}
