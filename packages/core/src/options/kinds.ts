/** Kinds of rows in a database driver's options: the columns with a row's owner, tag, run and creation time. */

import type { Predicate, Selection } from '../resource/predicate.ts'
import type { Json } from '../resource/resource.ts'
import { type AnyTest, notOfActiveRun, type PlainTest } from './runs-at-work.ts'

export interface KindOptions {
  /** @default the kind's name */
  readonly table?: string
  /** The column with a row's owner; or that column, and the owner's column that it equals. */
  readonly owner?: string | OwnerColumn
  /** A string, a list of strings, JSON, or a boolean for the tag `test-data`. */
  readonly tag?: string
  /** The column with the run's id. @default the metadata column (`test_run_id`), if present */
  readonly run?: string
  /**
   * The column with the creation time. @default the metadata column (`test_created_at`), else the column whose default is the current time
   */
  readonly createdAt?: string
}

export interface Kinds {
  readonly [kind: string]: KindOptions
}

export interface OwnerColumn {
  readonly column: string
  /** The owner's column. @default the key of `owners` */
  readonly is?: string
  /** Compare the owner's value in lower case. */
  readonly lowerCase?: boolean
}

/** The owners of rows. */
export interface OwnersOptions {
  readonly table: string
  /** @default the primary key */
  readonly key?: string
  /** The name of the kept owner in the result. @default the table's name */
  readonly type?: string
}

/** The columns of a table that predicates need. */
export interface ColumnsOfKind {
  has(column: string): boolean
  /** The column whose default is the time of insertion. */
  readonly stamp: string | undefined
}

/** A test that a row must pass. */
export type Condition =
  | { readonly test: 'equals'; readonly column: string; readonly value: Json }
  /** `%` matches any text; no other character is special. */
  | { readonly test: 'like'; readonly column: string; readonly pattern: string }
  | { readonly test: 'tagged'; readonly column: string; readonly tag: string }
  | PlainTest
  | { readonly test: 'after'; readonly column: string; readonly at: number }
  | { readonly test: 'owned'; readonly column: OwnerColumn; readonly owner: string | number }
  | { readonly test: 'filled'; readonly column: string }
  | AnyTest

/** Without conditions: the column that the kind lacks; `configured`: its options name a column that its table does not have. */
export type Conditions =
  | { readonly conditions: readonly Condition[] }
  | { readonly missing: string; readonly configured: boolean }

/** The conditions for a row of a kind, or what the kind lacks for them. */
export function conditionsOf(
  kind: KindOptions,
  { predicate, metadata, runs }: Pick<Selection, 'predicate' | 'metadata' | 'runs'>,
  columns: ColumnsOfKind,
): Conditions {
  const kindColumns = columnsOf(kind, metadata, columns)
  const tests = [...testsOf(predicate, kindColumns), ...filtersOf(predicate)]
  const missing = tests.find(({ column }) => column === undefined || !columns.has(column))
  if (missing) return { missing: missing.column ?? missing.what, configured: missing.configured }
  const inactive = runs && notOfActiveRun(existingColumns(kindColumns, columns), runs)
  return {
    conditions: [...tests.map(({ column = '', condition }) => condition(column)), ...(inactive ? [inactive] : [])],
  }
}

/** Age alone does not indicate a test: it then only selects rows with a run's id, unless kinds are named. */
export function isByAgeAlone({ types, run, tag, owner, where, before, after }: Predicate): boolean {
  const isByAge = before !== undefined || after !== undefined
  return isByAge && [types, run, tag, owner, where].every((part) => part === undefined)
}

interface KindColumns {
  readonly run: string | undefined
  readonly tag: string | undefined
  readonly createdAt: string | undefined
  readonly owner: OwnerColumn | undefined
}

function columnsOf(kind: KindOptions, metadata: Selection['metadata'], columns: ColumnsOfKind): KindColumns {
  const known = (column: string | undefined) => (column !== undefined && columns.has(column) ? column : undefined)
  return {
    run: kind.run ?? known(metadata?.run),
    tag: kind.tag,
    createdAt: kind.createdAt ?? known(metadata?.createdAt) ?? columns.stamp,
    owner: typeof kind.owner === 'string' ? { column: kind.owner } : kind.owner,
  }
}

/** A configured column that the table lacks is only an error for predicates that need it. */
function existingColumns(
  { run, createdAt }: KindColumns,
  columns: ColumnsOfKind,
): Pick<KindColumns, 'run' | 'createdAt'> {
  const existing = (column: string | undefined) => (column !== undefined && columns.has(column) ? column : undefined)
  return { run: existing(run), createdAt: existing(createdAt) }
}

interface ColumnTest {
  readonly what: string
  readonly column: string | undefined
  /** Given in the options. */
  readonly configured: boolean
  readonly condition: (column: string) => Condition
}

function testsOf(predicate: Predicate, kindColumns: KindColumns): readonly ColumnTest[] {
  const { run, tag, owner, before, after } = predicate
  return [
    columnTest('run', kindColumns.run, run, (column, value) => ({ test: 'equals', column, value })),
    columnTest('tag', kindColumns.tag, tag, (column, value) => ({ test: 'tagged', column, tag: value })),
    columnTest('createdAt', kindColumns.createdAt, before, (column, at) => ({ test: 'before', column, at })),
    columnTest('createdAt', kindColumns.createdAt, after, (column, at) => ({ test: 'after', column, at })),
    columnTest('run', kindColumns.run, isByAgeAlone(predicate) || undefined, (column) => ({ test: 'filled', column })),
    columnTest('owner', kindColumns.owner?.column, owner, (column, value) => ({
      ...{ test: 'owned', column: { ...kindColumns.owner, column }, owner: value },
    })),
  ].flat()
}

function columnTest<T>(
  what: keyof KindOptions,
  column: string | undefined,
  value: T | undefined,
  condition: (column: string, value: T) => Condition,
): readonly ColumnTest[] {
  if (value === undefined) return []
  return [{ what, column, configured: column !== undefined, condition: (found) => condition(found, value) }]
}

function filtersOf({ where = {} }: Predicate): readonly ColumnTest[] {
  return Object.entries(where).map(([field, value]) => ({
    what: field,
    column: field,
    configured: false,
    condition: (column: string) => compared(column, value),
  }))
}

function compared(column: string, value: Json): Condition {
  if (typeof value === 'string' && value.includes('%')) return { test: 'like', column, pattern: value }
  return { test: 'equals', column, value }
}
