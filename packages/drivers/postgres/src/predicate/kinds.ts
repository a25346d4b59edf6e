import {
  type AskedKind as AskedKindOf,
  askedKinds,
  exceptedHere as exceptedAmong,
  kindsNamed,
  type Selection,
  type SetColumns,
  type UnfitKind,
} from '@dustpan/core/driver'
import { readableTable, tableNamed, typeOf, wantedTable } from '../names.ts'
import { shapesOf, type TableShape } from '../removal/shapes.ts'
import type { PredicateStore } from './store.ts'
import { allTables, tablesWithColumn } from './tables.ts'

export type AskedKind = AskedKindOf<TableShape, SetColumns>

/** Every kind that a predicate means; one that is not named and has not what is asked for is left out. */
export async function kindsAsked(
  { client, settings, setFor }: PredicateStore,
  selection: Selection,
  signal: AbortSignal,
): Promise<readonly (AskedKind | UnfitKind)[]> {
  const column = selection.metadata?.run
  const marked = column === undefined ? [] : (await tablesWithColumn(client, column, signal)).map(typeOf)
  const named = kindsNamed(settings.kinds ?? {}, selection.predicate, marked, sameTable)
  const shapeOf = await shapesOf(
    client,
    named.map(({ table }) => wantedTable(table)),
    signal,
  )
  return askedKinds(named, selection, {
    called: 'table',
    tableOf: (name) => shapeOf(wantedTable(name)) ?? undefined,
    factsOf: (shape) => ({
      name: readableTable(shape),
      hasKey: shape.key.length > 0,
      stamp: shape.stamp ?? undefined,
      has: (its) => Object.hasOwn(shape.columns, its),
    }),
    setFor: (shape) => setFor(selection, shape),
  })
}

/** Of the names in `except` those of kinds or tables that are here. */
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

/** A type as it is written names a table, or a kind that has one. */
export const normalName = (name: string): string => typeOf(tableNamed(name))
