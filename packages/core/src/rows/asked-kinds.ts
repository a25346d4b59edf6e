/** The kinds selected by a predicate, each with its table, or with why it cannot be queried: the same for every database. */
import { type DustpanError, isDustpanError } from '../errors/dustpan-error.ts'
import type { Kinds } from '../options/kinds.ts'
import type { Selection } from '../resource/predicate.ts'
import { namesKind } from '../resource/same-kind.ts'
import { type AskableKind, type NamedKind, selectKind, type TableOfKind, unfitKind } from './ask-kind.ts'

/** A kind whose table exists and supports the predicate. */
export interface AskedKind<Table, Columns> extends AskableKind {
  readonly type: string
  readonly table: Table
  readonly method: 'hard' | 'soft'
  /** Columns to set, if rows are marked instead of deleted. */
  readonly set: Columns | undefined
}

/** A selected kind that does not support the predicate. */
export interface UnfitKind {
  readonly type: string
  readonly error: DustpanError
}

/** How a database describes the tables of kinds. */
export interface TablesOfKinds<Table, Columns> {
  /** Its word for a table. */
  readonly called: 'table' | 'collection'
  /** By the name from the options or the predicate. */
  tableOf(name: string): Table | undefined
  factsOf(table: Table): TableOfKind
  /** The columns that mark its rows instead of deleting them. @throws DustpanError if marking or removing is not possible. */
  setFor(table: Table, type: string): Columns | undefined
}

/** A kind that lacks a column for the predicate is left out, unless the options or the predicate name it. */
export function askedKinds<Table, Columns>(
  named: readonly NamedKind[],
  selection: Selection,
  tables: TablesOfKinds<Table, Columns>,
): readonly (AskedKind<Table, Columns> | UnfitKind)[] {
  return named.flatMap((kind) => {
    const table = tables.tableOf(kind.table)
    return (
      (table === undefined ? withoutTable(kind, tables.called) : kindWithTable(kind, table, selection, tables)) ?? []
    )
  })
}

/** A configured table must exist; one that only the predicate names may be in another store. */
function withoutTable({ type, table, configured }: NamedKind, called: string): UnfitKind | undefined {
  return configured ? { type, error: unfitKind(type, `there is no ${called} ${table}`) } : undefined
}

function kindWithTable<Table, Columns>(
  kind: NamedKind,
  table: Table,
  selection: Selection,
  { factsOf, setFor }: TablesOfKinds<Table, Columns>,
): AskedKind<Table, Columns> | UnfitKind | undefined {
  const { type } = kind
  const result = selectKind(kind, factsOf(table), selection)
  if (!result || 'error' in result) return result && { type, ...result }
  try {
    const set = setFor(table, type)
    return { type, table, method: set ? 'soft' : 'hard', ...result, set }
  } catch (error) {
    if (isDustpanError(error)) return { type, error }
    throw error
  }
}

export function isUnfit<Kind extends object>(kind: Kind | UnfitKind): kind is UnfitKind {
  return 'error' in kind
}

/** The owner to look up: only if any kind can be queried. */
export function ownerAsked(kinds: readonly object[], { predicate }: Selection): string | number | undefined {
  return kinds.every(isUnfit) ? undefined : predicate.owner
}

/** The names in `except` that are kinds or tables here. */
export function exceptedHere(
  kinds: Kinds,
  tables: readonly string[],
  { predicate: { except = [] } }: Selection,
): readonly string[] {
  const known = Object.entries(kinds).flatMap(([type, { table = type }]) => [type, table])
  return except.filter((name) => namesKind([name], [...known, ...tables]))
}
