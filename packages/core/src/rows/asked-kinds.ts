/** The kinds that a predicate means, each with its table, or with why it cannot be asked: the same for every database. */
import { type DustpanError, isDustpanError } from '../errors/dustpan-error.ts'
import type { Kinds } from '../options/kinds.ts'
import type { Selection } from '../resource/predicate.ts'
import { namesKind } from '../resource/same-kind.ts'
import { type AskableKind, askKind, type NamedKind, type TableOfKind, unfitKind } from './ask-kind.ts'

/** A kind whose table is there and has what is asked for. */
export interface AskedKind<Table, Columns> extends AskableKind {
  readonly type: string
  readonly table: Table
  readonly method: 'hard' | 'soft'
  /** Columns to set, where rows are marked instead of deleted. */
  readonly set: Columns | undefined
}

/** A kind that is asked for and cannot answer. */
export interface UnfitKind {
  readonly type: string
  readonly error: DustpanError
}

/** What a database says of the tables that kinds name. */
export interface TablesOfKinds<Table, Columns> {
  /** What it calls them. */
  readonly called: 'table' | 'collection'
  /** By the name that the options or the question give. */
  tableOf(name: string): Table | undefined
  factsOf(table: Table): TableOfKind
  /** How its rows are marked instead of deleted. @throws DustpanError where that, or removing, is not possible. */
  setFor(table: Table, type: string): Columns | undefined
}

/** Of the kinds that are named one that has not what is asked for is left out, unless the options or the question name it. */
export function askedKinds<Table, Columns>(
  named: readonly NamedKind[],
  selection: Selection,
  tables: TablesOfKinds<Table, Columns>,
): readonly (AskedKind<Table, Columns> | UnfitKind)[] {
  return named.flatMap((kind) => {
    const table = tables.tableOf(kind.table)
    return (table === undefined ? withoutTable(kind, tables.called) : askedKind(kind, table, selection, tables)) ?? []
  })
}

/** A table that the options name is there, or something is wrong; one that only the question names may be another store's. */
function withoutTable({ type, table, configured }: NamedKind, called: string): UnfitKind | undefined {
  return configured ? { type, error: unfitKind(type, `there is no ${called} ${table}`) } : undefined
}

function askedKind<Table, Columns>(
  kind: NamedKind,
  table: Table,
  selection: Selection,
  { factsOf, setFor }: TablesOfKinds<Table, Columns>,
): AskedKind<Table, Columns> | UnfitKind | undefined {
  const { type } = kind
  const asked = askKind(kind, factsOf(table), selection)
  if (!asked || 'error' in asked) return asked && { type, ...asked }
  try {
    const set = setFor(table, type)
    return { type, table, method: set ? 'soft' : 'hard', ...asked, set }
  } catch (error) {
    if (isDustpanError(error)) return { type, error }
    throw error
  }
}

export function isUnfit<Kind extends object>(kind: Kind | UnfitKind): kind is UnfitKind {
  return 'error' in kind
}

/** The owner to look for: there is one only where a kind can be asked. */
export function ownerAsked(kinds: readonly object[], { predicate }: Selection): string | number | undefined {
  return kinds.every(isUnfit) ? undefined : predicate.owner
}

/** Of the names in `except` those of kinds or tables that are here. */
export function exceptedHere(
  kinds: Kinds,
  tables: readonly string[],
  { predicate: { except = [] } }: Selection,
): readonly string[] {
  const known = Object.entries(kinds).flatMap(([type, { table = type }]) => [type, table])
  return except.filter((name) => namesKind([name], [...known, ...tables]))
}
