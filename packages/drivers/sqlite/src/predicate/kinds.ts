import {
  type AskableKind,
  askKind,
  type DustpanError,
  isDustpanError,
  isMigrationTable,
  kindsNamed,
  type NamedKind,
  namesKind,
  type Selection,
  sparedIds,
  unfitKind,
} from '@dustpan/core/driver'
import type { SoftDeleteColumns } from '../options.ts'
import { sameName, type Table } from '../tables.ts'
import type { PredicateOptions } from './store.ts'

/** A kind whose table is there and has what is asked for. */
export interface AskedKind extends AskableKind {
  readonly type: string
  readonly table: Table
  /** Columns to set, where rows are marked instead of deleted. */
  readonly set: SoftDeleteColumns | undefined
}

/** A kind that is asked for and cannot answer. */
export interface UnfitKind {
  readonly type: string
  readonly error: DustpanError
}

/** Every kind that a predicate means; one that is not named and has not what is asked for is left out. */
export function kindsAsked(
  tables: readonly Table[],
  options: PredicateOptions,
  selection: Selection,
): readonly (AskedKind | UnfitKind)[] {
  if (selection.predicate.reset) return kindsToReset(tables, options, selection)
  const column = selection.metadata?.run
  const marked = tables.filter((table) => column !== undefined && hasColumn(table, column)).map(({ name }) => name)
  return kindsNamed(options.kinds, selection.predicate, marked, sameName).flatMap((kind) => {
    const table = tables.find(({ name }) => sameName(name, kind.table))
    return (table ? askedKind(kind, table, selection, options) : withoutTable(kind, options)) ?? []
  })
}

/** A table that the options name is there, or something is wrong; one that only the question names may be another store's. */
function withoutTable({ type, table }: NamedKind, { kinds }: PredicateOptions): UnfitKind | undefined {
  return Object.hasOwn(kinds, type) ? { type, error: unfitKind(type, `there is no table ${table}`) } : undefined
}

function askedKind(
  kind: NamedKind,
  table: Table,
  selection: Selection,
  options: PredicateOptions,
): AskedKind | UnfitKind | undefined {
  const { type } = kind
  const facts = {
    name: table.name,
    hasKey: table.key.length > 0,
    stamp: table.createdAt,
    has: (column: string) => hasColumn(table, column),
  }
  const asked = askKind(kind, facts, selection)
  if (!asked || 'error' in asked) return asked && { type, ...asked }
  try {
    return { type, table, ...asked, set: options.setFor(selection, table) }
  } catch (error) {
    if (isDustpanError(error)) return { type, error }
    throw error
  }
}

/** Of the names in `except` those of kinds or tables that are here. */
export function exceptedHere(
  tables: readonly Table[],
  { kinds }: PredicateOptions,
  { predicate: { except = [] } }: Selection,
): readonly string[] {
  const known = Object.entries(kinds).flatMap(([type, { table = type }]) => [type, table])
  return except.filter((name) => namesKind([name], [...known, ...tables.map((table) => table.name)]))
}

function hasColumn(table: Table, name: string): boolean {
  return [...table.columns.keys()].some((column) => sameName(column, name))
}

/** Every table, but for those that stay; of a kind without conditions all rows are meant. */
function kindsToReset(
  tables: readonly Table[],
  { kinds }: PredicateOptions,
  { predicate: { types, except = [] }, spared }: Selection,
): readonly AskedKind[] {
  return tables
    .filter(({ virtual }) => !virtual)
    .flatMap((table) => {
      const its = Object.entries(kinds).filter(([name, options]) => sameName(options.table ?? name, table.name))
      const names = [...new Set([...its.map(([name]) => name), table.name])]
      const isNamed = (list: readonly string[]) => names.some((name) => list.some((other) => sameName(other, name)))
      const isMeant = types ? isNamed(types) : !isMigrationTable(table.name)
      if (!isMeant || namesKind(except, names) || namesKind(spared.types, names) || table.key.length === 0) return []
      return [{ type: names[0] ?? '', table, conditions: [], spared: sparedIds(names, spared), set: undefined }]
    })
}
