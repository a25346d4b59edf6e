/** Finds the recorded tables whose rows or keys a statement on another table or on a view may change. */
import type { TableName } from '../names.ts'
import type { Table } from '../tables.ts'
import type { ConnectionCapture, Queries } from './connection-capture.ts'
import { recordedTables } from './recorded-rows.ts'

/** The recorded table of this name. */
export function namedTables({ store }: ConnectionCapture, name: TableName): readonly Table[] {
  return store ? recordedTables(store).filter((one) => isNamed(one, name)) : []
}

/** The tables whose rows a view may show: all of them. */
export function* viewedTables(capture: ConnectionCapture, name: TableName): Queries<readonly Table[]> {
  const { store } = capture
  if (!store || namedTables(capture, name).length > 0) return []
  return (yield* capture.isView(name)) ? recordedTables(store) : []
}

/** The tables other than the named one whose keys change with these columns: behind a view, or by a foreign key. */
export function* reachedTables(
  capture: ConnectionCapture,
  name: TableName,
  columns: readonly string[],
): Queries<readonly Table[]> {
  const viewed = yield* viewedTables(capture, name)
  if (viewed.length > 0 || !capture.store) return viewed
  return recordedTables(capture.store).filter(({ keyParents }) =>
    keyParents.some((parent) => isNamed(parent, name) && sets(columns, parent.column)),
  )
}

/** Whether the column may be one of these. */
export function sets(columns: readonly string[], name: string): boolean {
  return isAny(columns) || columns.some((column) => column.toLowerCase() === name.toLowerCase())
}

/** An empty column name matches any. */
export const isAny = (columns: readonly string[]): boolean => columns.some((column) => column === '' || column === '*')

function isNamed(one: TableName, { schema, table }: TableName): boolean {
  return one.table.toLowerCase() === table.toLowerCase() && one.schema.toLowerCase() === schema.toLowerCase()
}
