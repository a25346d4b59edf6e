import type { CreatedShape, StoreSeen } from '@dustpan/core/driver'
import { databaseSeen } from '../identity.ts'
import { typeOf } from '../names.ts'
import { proofOf, type Table } from '../tables.ts'

/** Tables with rows recorded in this process, by database: only deletes from these matter. */
const recorded = new Map<string, Map<string, Table>>()

const noted = new WeakSet<Table>()

/** A `Table` object belongs to one store. */
export function noteRecorded(store: StoreSeen, table: Table): void {
  if (noted.has(table)) return
  noted.add(table)
  const tables = recorded.get(databaseSeen(store)) ?? new Map<string, Table>()
  recorded.set(databaseSeen(store), tables.set(JSON.stringify([table.schema, table.table]), table))
}

export function isRecorded(
  store: StoreSeen | undefined,
  { schema, table }: { schema: string; table: string },
): boolean {
  return store !== undefined && recorded.get(databaseSeen(store))?.has(JSON.stringify([schema, table])) === true
}

export function recordedTables(store: StoreSeen): readonly Table[] {
  return [...(recorded.get(databaseSeen(store))?.values() ?? [])]
}

/** Whether these columns may be in the key of a recorded table with this name; determined without a query. */
export function mayChangeKeys(store: StoreSeen | undefined, name: string, columns: readonly string[]): boolean {
  const set = new Set(columns.map((column) => column.toLowerCase()))
  const all =
    store === undefined ? [...recorded.values()] : [recorded.get(databaseSeen(store)) ?? new Map<string, Table>()]
  return all.some((tables) =>
    [...tables.values()].some(
      ({ table, key }) =>
        table.toLowerCase() === name.toLowerCase() && key.some((column) => set.has(column.name.toLowerCase())),
    ),
  )
}

/** Without a known store, whether any store has records. */
export function hasRecorded(store: StoreSeen | undefined): boolean {
  return store === undefined ? recorded.size > 0 : recorded.has(databaseSeen(store))
}

type Shape = Pick<CreatedShape, 'steps' | 'proof'>

const shapes = new WeakMap<Table, Shape>()

/** The part shared by all rows of a table. */
function sharedBy(table: Table): Shape {
  const known = shapes.get(table)
  if (known) return known
  const { schema, key } = table
  const args = { schema, table: table.table, columns: key.map(({ name }) => name) }
  const shape: Shape = { steps: [{ driver: '$driver', op: 'delete-row', v: 1, args }], proof: proofOf(table) }
  shapes.set(table, shape)
  return shape
}

/** The record of new rows, without their keys. */
export function shapeOf(
  table: Table,
  database: string,
  mark: { readonly column: string; readonly run: string } | undefined,
): CreatedShape {
  const { steps, proof } = sharedBy(table)
  const exact: Shape['proof'] = mark ? { ...proof, match: { [mark.column]: mark.run }, strength: 'exact' } : proof
  return { type: typeOf(table, database), steps, proof: exact }
}
