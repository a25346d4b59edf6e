import type { Selection } from '@dustpan/core/driver'
import {
  type AskedKind as AskedKindOf,
  askedKinds,
  exceptedHere as exceptedAmong,
  kindsNamed,
  type SetColumns,
  type UnfitKind,
} from '@dustpan/core/rows'
import { literal, readableTable, typeOf, wantedTable } from '../names.ts'
import type { StoreClient } from '../removal/own-client.ts'
import type { Table } from '../tables.ts'
import type { PredicateStore } from './store.ts'

export type AskedKind = AskedKindOf<Table, SetColumns>

/** All kinds that a predicate selects; kinds that are not named and lack a requested column are left out. */
export async function kindsAsked(
  { client, settings, setFor }: PredicateStore,
  selection: Selection,
  signal: AbortSignal,
): Promise<readonly (AskedKind | UnfitKind)[]> {
  const column = selection.metadata?.run
  const marked = column === undefined ? [] : await tablesWith(client, column, signal)
  const named = kindsNamed(settings.kinds ?? {}, selection.predicate, marked, sameTableIn(client))
  const tables = new Map<string, Table>()
  for (const { table: name } of named) {
    const table = await client.table(wantedTable(name), signal)
    if (table?.isTable) tables.set(name, table)
  }
  return askedKinds(named, selection, {
    called: 'table',
    tableOf: (name) => tables.get(name),
    factsOf: (table) => ({
      name: readableTable({ ...table, schema: table.schema === client.session.database ? null : table.schema }),
      hasKey: table.key.length > 0,
      stamp: table.stamp ?? undefined,
      has: (name) => table.columns.has(name),
    }),
    setFor: (table) => setFor(selection, table),
  })
}

/** The names in `except` that are kinds or tables of this store. */
export async function exceptedHere(
  { client, settings: { kinds = {} } }: PredicateStore,
  selection: Selection,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (!selection.predicate.except?.length) return []
  return exceptedAmong(kinds, await allTables(client, signal), selection)
}

/** The user's own tables, in the store's own database. */
export async function allTables(client: StoreClient, signal: AbortSignal): Promise<readonly string[]> {
  const text = `SELECT table_name FROM information_schema.tables WHERE table_schema = ${literal(client.session.database)}
    AND table_type = 'BASE TABLE' ORDER BY 1`
  return (await client.rows(text, signal)).map(([name]) => name ?? '')
}

/** Tables whose rows are marked with the run that created them. */
export async function tablesWith(client: StoreClient, column: string, signal: AbortSignal): Promise<readonly string[]> {
  const text = `SELECT c.table_name FROM information_schema.columns c JOIN information_schema.tables t
      ON t.table_schema = c.table_schema AND t.table_name = c.table_name AND t.table_type = 'BASE TABLE'
    WHERE c.table_schema = ${literal(client.session.database)} AND c.column_name = ${literal(column)} ORDER BY 1`
  return (await client.rows(text, signal)).map(([name]) => name ?? '')
}

/** Whether two names are the same table's, as the server compares them. */
export function sameTableIn(client: StoreClient): (a: string, b: string) => boolean {
  return (a, b) => normalName(a, client) === normalName(b, client)
}

/** A written type is the name of a table, or of a kind that has one. */
function normalName(name: string, { session }: StoreClient): string {
  const { schema, table } = wantedTable(name)
  const type = typeOf({ schema: schema ?? session.database, table }, session.database)
  return session.foldsCase ? type.toLowerCase() : type
}
