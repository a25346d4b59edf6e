import type { Selection } from '@dustpan/core/driver'
import {
  type AskedKind as AskedKindOf,
  askedKinds,
  isMigrationTable,
  kindsNamed,
  kindToReset,
  type UnfitKind,
} from '@dustpan/core/rows'
import type { SoftDeleteColumns } from '../options.ts'
import { sameName, type Table } from '../tables.ts'
import type { PredicateOptions } from './store.ts'

export type AskedKind = AskedKindOf<Table, SoftDeleteColumns>

/** All kinds that a predicate selects; kinds that are not named and lack a requested column are left out. */
export function kindsAsked(
  tables: readonly Table[],
  options: PredicateOptions,
  selection: Selection,
): readonly (AskedKind | UnfitKind)[] {
  const { kinds, setFor } = options
  const { predicate, metadata } = selection
  if (predicate.reset) return tables.flatMap((table) => reset(table, options, selection) ?? [])
  const column = metadata?.run
  const marked = tables.filter((table) => column !== undefined && hasColumn(table, column)).map(({ name }) => name)
  return askedKinds(kindsNamed(kinds, predicate, marked, sameName), selection, {
    called: 'table',
    tableOf: (typeName) => tables.find(({ name }) => sameName(name, typeName)),
    factsOf: (table) => ({
      name: table.name,
      hasKey: table.key.length > 0,
      stamp: table.createdAt,
      has: (name) => hasColumn(table, name),
    }),
    setFor: (table) => setFor(selection, table),
  })
}

function hasColumn(table: Table, name: string): boolean {
  return [...table.columns.keys()].some((column) => sameName(column, name))
}

function reset(table: Table, { kinds, ignoreTables }: PredicateOptions, selection: Selection): AskedKind | undefined {
  if (table.virtual || table.key.length === 0) return undefined
  const isExcluded = isMigrationTable(table.name) || ignoreTables.some((name) => sameName(name, table.name))
  const kind = kindToReset(table.name, isExcluded, kinds, selection, sameName)
  return kind && { ...kind, table }
}
