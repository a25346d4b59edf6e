/** Kinds of rows, as a database driver's options describe them: which column says whose a row is, what it is tagged with, when it was made. */

import type { Predicate, Selection } from '../resource/predicate.ts'
import type { Json } from '../resource/resource.ts'
import { type AnyTest, ofNoRunAtWork, type PlainTest } from './runs-at-work.ts'

export interface KindOptions {
  /** @default the kind's name */
  readonly table?: string
  /** The column that names who created a row; or that column, and which of the owner's own it equals. */
  readonly owner?: string | OwnerColumn
  /** A text, a list of texts, JSON, or a flag that stands for the tag `test-data`. */
  readonly tag?: string
  /** The column with the run's id. @default the metadata column (`test_run_id`), where there is one */
  readonly run?: string
  /** When a row was made. @default the metadata column (`test_created_at`), else the column whose default is the current time */
  readonly createdAt?: string
}

export interface Kinds {
  readonly [kind: string]: KindOptions
}

export interface OwnerColumn {
  readonly column: string
  /** The owner's column. @default the key of `owners` */
  readonly is?: string
  /** Whether the owner's value is compared in lower case. */
  readonly lowerCase?: boolean
}

/** Who owns rows. */
export interface OwnersOptions {
  readonly table: string
  /** @default the primary key */
  readonly key?: string
  /** What the answer calls the owner that is kept. @default the table's name */
  readonly type?: string
}

/** What a table has, as far as predicates ask for it. */
export interface ColumnsOfKind {
  has(column: string): boolean
  /** The column whose default is the time of insertion. */
  readonly stamp: string | undefined
}

/** One test that a row must pass. */
export type Condition =
  | { readonly test: 'equals'; readonly column: string; readonly value: Json }
  /** `%` stands for any text; nothing else is special. */
  | { readonly test: 'like'; readonly column: string; readonly pattern: string }
  | { readonly test: 'tagged'; readonly column: string; readonly tag: string }
  | PlainTest
  | { readonly test: 'after'; readonly column: string; readonly at: number }
  | { readonly test: 'owned'; readonly column: OwnerColumn; readonly owner: string | number }
  | { readonly test: 'filled'; readonly column: string }
  | AnyTest

/** Without conditions: what the kind lacks; `configured`: a column that its options name, and its table does not have. */
export type Conditions =
  | { readonly conditions: readonly Condition[] }
  | { readonly missing: string; readonly configured: boolean }

/** What a row of a kind must pass, or what the kind lacks for it. */
export function conditionsOf(
  kind: KindOptions,
  { predicate, metadata, runs }: Pick<Selection, 'predicate' | 'metadata' | 'runs'>,
  columns: ColumnsOfKind,
): Conditions {
  const places = placesOf(kind, metadata, columns)
  const tests = [...testsOf(predicate, places), ...filtersOf(predicate)]
  const missing = tests.find(({ column }) => column === undefined || !columns.has(column))
  if (missing) return { missing: missing.column ?? missing.what, configured: missing.configured }
  const atWork = runs && ofNoRunAtWork(thereOnly(places, columns), runs)
  return { conditions: [...tests.map(({ column = '', condition }) => condition(column)), ...(atWork ? [atWork] : [])] }
}

/** Age alone says nothing of tests: then only what carries a run's id is meant, unless its kind is named. */
export function isByAgeAlone({ types, run, tag, owner, where, before, after }: Predicate): boolean {
  const isByAge = before !== undefined || after !== undefined
  return isByAge && [types, run, tag, owner, where].every((part) => part === undefined)
}

interface Places {
  readonly run: string | undefined
  readonly tag: string | undefined
  readonly createdAt: string | undefined
  readonly owner: OwnerColumn | undefined
}

function placesOf(kind: KindOptions, metadata: Selection['metadata'], columns: ColumnsOfKind): Places {
  const known = (column: string | undefined) => (column !== undefined && columns.has(column) ? column : undefined)
  return {
    run: kind.run ?? known(metadata?.run),
    tag: kind.tag,
    createdAt: kind.createdAt ?? known(metadata?.createdAt) ?? columns.stamp,
    owner: typeof kind.owner === 'string' ? { column: kind.owner } : kind.owner,
  }
}

/** A column that the options name and the table lacks is wrong only for who asks for it. */
function thereOnly({ run, createdAt }: Places, columns: ColumnsOfKind): Pick<Places, 'run' | 'createdAt'> {
  const there = (column: string | undefined) => (column !== undefined && columns.has(column) ? column : undefined)
  return { run: there(run), createdAt: there(createdAt) }
}

interface ColumnTest {
  readonly what: string
  readonly column: string | undefined
  /** Named by the options. */
  readonly configured: boolean
  readonly condition: (column: string) => Condition
}

function testsOf(predicate: Predicate, places: Places): readonly ColumnTest[] {
  const { run, tag, owner, before, after } = predicate
  return [
    asked('run', places.run, run, (column, value) => ({ test: 'equals', column, value })),
    asked('tag', places.tag, tag, (column, value) => ({ test: 'tagged', column, tag: value })),
    asked('createdAt', places.createdAt, before, (column, at) => ({ test: 'before', column, at })),
    asked('createdAt', places.createdAt, after, (column, at) => ({ test: 'after', column, at })),
    asked('run', places.run, isByAgeAlone(predicate) || undefined, (column) => ({ test: 'filled', column })),
    asked('owner', places.owner?.column, owner, (column, value) => ({
      ...{ test: 'owned', column: { ...places.owner, column }, owner: value },
    })),
  ].flat()
}

function asked<T>(
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
