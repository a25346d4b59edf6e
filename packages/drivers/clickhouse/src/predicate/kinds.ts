import type { Selection } from '@dustpan/core/driver'
import {
  type AskedKind as AskedKindOf,
  askedKinds,
  isMigrationTable,
  kindsNamed,
  kindToReset,
  type UnfitKind,
  unfitKind,
} from '@dustpan/core/rows'
import type { SoftDeleteColumns } from '../options.ts'
import { canDelete, type Table } from '../sql/table.ts'
import type { PredicateStore } from './store.ts'

export type AskedKind = AskedKindOf<Table, SoftDeleteColumns>

const same = (a: string, b: string): boolean => a === b

/**
 * The kinds that a predicate selects. A kind that lacks a needed column, or cannot delete, is an error if named,
 * otherwise left out.
 */
export function kindsAsked(
  tables: readonly Table[],
  store: PredicateStore,
  selection: Selection,
): readonly (AskedKind | UnfitKind)[] {
  const { predicate, metadata } = selection
  if (predicate.reset) return tables.flatMap((table) => reset(table, store, selection) ?? [])
  const column = metadata?.run
  const marked = tables.filter((table) => column !== undefined && table.columns.has(column) && canDelete(table))
  const names = marked.map(({ name }) => name)
  return askedKinds(kindsNamed(store.kinds, predicate, names, same), selection, {
    called: 'table',
    tableOf: (written) => tables.find(({ name }) => name === written),
    factsOf,
    setFor(table, type) {
      if (canDelete(table)) return store.setFor(selection, table.name)
      throw unfitKind(type, `${table.name} is of the engine ${table.engine}, which cannot delete single rows`)
    },
  })
}

/** No key is needed: rows are removed by the predicate, all at once. */
function factsOf({ name, columns }: Table) {
  const has = (column: string) => columns.has(column)
  return { name, hasKey: true, stamp: ['created_at', 'createdAt'].find(has), has }
}

/** For a reset: every table that stores rows itself, unless it stays. */
function reset(table: Table, { kinds }: PredicateStore, selection: Selection): AskedKind | undefined {
  if (!canDelete(table) && !/^(?:Tiny|Stripe)?Log$|^Set$/.test(table.engine)) return undefined
  const kind = kindToReset(table.name, isMigrationTable(table.name), kinds, selection, same)
  return kind && { ...kind, table }
}
