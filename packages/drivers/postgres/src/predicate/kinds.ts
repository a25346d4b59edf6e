import type { Selection } from '@dustpan/core/driver'
import {
  type AskedKind as AskedKindOf,
  askedKinds,
  exceptedHere as exceptedAmong,
  kindsNamed,
  type SetColumns,
  type UnfitKind,
} from '@dustpan/core/rows'
import { readableTable, tableNamed, typeOf, wantedTable } from '../names.ts'
import { readTables, type Table } from '../removal/tables.ts'
import type { PredicateStore } from './store.ts'
import { allTables, tablesWithColumn } from './tables.ts'

export type AskedKind = AskedKindOf<Table, SetColumns>

/** Every kind that a predicate selects; a kind that is not named and lacks the required columns is left out. */
export async function kindsAsked(
  { client, settings, setFor }: PredicateStore,
  selection: Selection,
  signal: AbortSignal,
): Promise<readonly (AskedKind | UnfitKind)[]> {
  const column = selection.metadata?.run
  const marked = column === undefined ? [] : (await tablesWithColumn(client, column, signal)).map(typeOf)
  const named = kindsNamed(settings.kinds ?? {}, selection.predicate, marked, sameTable)
  const findTable = await readTables(
    client,
    named.map(({ table }) => wantedTable(table)),
    signal,
  )
  return askedKinds(named, selection, {
    called: 'table',
    tableOf: (name) => findTable(wantedTable(name)) ?? undefined,
    factsOf: (table) => ({
      name: readableTable(table),
      hasKey: table.key.length > 0,
      stamp: table.stamp ?? undefined,
      has: (name) => Object.hasOwn(table.columns, name),
    }),
    setFor: (table) => setFor(selection, table),
  })
}

/** The names in `except` that are kinds or tables of this database. */
export async function exceptedHere(
  { client, settings: { kinds = {} } }: PredicateStore,
  selection: Selection,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (!selection.predicate.except?.length) return []
  return exceptedAmong(kinds, (await allTables(client, signal)).map(typeOf), selection)
}

export function sameTable(a: string, b: string): boolean {
  return normalName(a) === normalName(b)
}

/** A type name of the user: of a table, or of a kind that has one. */
const normalName = (name: string): string => typeOf(tableNamed(name))
