import {
  type AskableKind,
  askKind,
  type DustpanError,
  isDustpanError,
  kindsNamed,
  type NamedKind,
  namesKind,
  type Selection,
  unfitKind,
} from '@dustpan/core/driver'
import { parseTableName, readableTable, typeOf } from '../names.ts'
import type { SetColumns } from '../removal/batches.ts'
import { shapesOf, type TableShape, type TableWanted } from '../removal/shapes.ts'
import type { PredicateStore } from './store.ts'
import { allTables, tablesWithColumn } from './tables.ts'

/** A kind whose table is there and has what is asked for. */
export interface AskedKind extends AskableKind {
  readonly type: string
  readonly shape: TableShape
  /** Columns to set, where rows are marked instead of deleted. */
  readonly set: SetColumns | undefined
}

/** A kind that is asked for and cannot answer. */
export interface UnfitKind {
  readonly type: string
  readonly error: DustpanError
}

/** Every kind that a predicate means; one that is not named and has not what is asked for is left out. */
export async function kindsAsked(
  store: PredicateStore,
  selection: Selection,
  signal: AbortSignal,
): Promise<readonly (AskedKind | UnfitKind)[]> {
  const { client, settings } = store
  const column = selection.metadata?.run
  const marked = column === undefined ? [] : (await tablesWithColumn(client, column, signal)).map(typeOf)
  const named = kindsNamed(settings.kinds ?? {}, selection.predicate, marked, (a, b) => normalName(a) === normalName(b))
  const shapeOf = await shapesOf(
    client,
    named.map(({ table }) => wanted(table)),
    signal,
  )
  return named.flatMap((kind) => {
    const shape = shapeOf(wanted(kind.table))
    return (shape ? askedKind(kind, shape, selection, store) : withoutTable(kind, store)) ?? []
  })
}

/** Of the names in `except` those of kinds or tables that are here. */
export async function exceptedHere(
  { client, settings: { kinds = {} } }: PredicateStore,
  { predicate: { except = [] } }: Selection,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (except.length === 0) return []
  const tables = (await allTables(client, signal)).map(typeOf)
  const known = [...Object.entries(kinds).flatMap(([type, { table = type }]) => [type, table]), ...tables]
  return except.filter((name) => namesKind([name], known))
}

/** A type as it is written names a table, or a kind that has one. */
export function normalName(name: string): string {
  const { schema, table } = wanted(name)
  return typeOf({ schema: schema ?? 'public', table })
}

function wanted(name: string): TableWanted {
  const { schema = null, table } = parseTableName(name) ?? { table: name }
  return { schema, table }
}

/** A table that the options name is there, or something is wrong; one that only the question names may be another store's. */
function withoutTable({ type, table }: NamedKind, { settings: { kinds = {} } }: PredicateStore): UnfitKind | undefined {
  if (!Object.hasOwn(kinds, type)) return undefined
  return { type, error: unfitKind(type, `there is no table ${table}`) }
}

function askedKind(
  kind: NamedKind,
  shape: TableShape,
  selection: Selection,
  store: PredicateStore,
): AskedKind | UnfitKind | undefined {
  const { type } = kind
  const asked = askKind(
    kind,
    {
      name: readableTable(shape),
      hasKey: shape.key.length > 0,
      stamp: shape.stamp ?? undefined,
      has: (column) => Object.hasOwn(shape.columns, column),
    },
    selection,
  )
  if (!asked || 'error' in asked) return asked && { type, ...asked }
  try {
    return { type, shape, ...asked, set: store.setFor(selection, shape) }
  } catch (error) {
    if (isDustpanError(error)) return { type, error }
    throw error
  }
}
