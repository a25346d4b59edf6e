import type { CaptureSink, CaptureTransaction, CreatedShape, Json, StoreSeen } from '@dustpan/core/driver'
import { serverSeen } from '../identity.ts'
import { type TableName, typeOf } from '../names.ts'
import { proofOf, type Table } from '../tables.ts'
import type { ConnectionCapture } from './connection-capture.ts'
import { inTransaction } from './server-answer.ts'

interface Recorded {
  readonly table: Table
  /** Its rows are on record under several stores and types if connections had different databases selected. */
  readonly as: Map<StoreSeen['id'], { readonly store: StoreSeen; readonly type: string }>
}

/** Tables with rows recorded in this process, by server: only deletes from these matter. */
const recorded = new Map<string, Map<string, Recorded>>()

const noted = new WeakSet<Table>()

/** A `Table` object belongs to one store, whose connections have the `database` selected. */
export function noteRecorded(store: StoreSeen, table: Table, database: string): void {
  if (noted.has(table)) return
  noted.add(table)
  const tables = recorded.get(serverSeen(store)) ?? new Map<string, Recorded>()
  const as = tables.get(nameOf(table))?.as ?? new Map()
  as.set(store.id, { store, type: typeOf(table, database) })
  recorded.set(serverSeen(store), tables.set(nameOf(table), { table, as }))
}

export function isRecorded(store: StoreSeen | undefined, table: TableName): boolean {
  return store !== undefined && recordOf(store, table) !== undefined
}

export function recordedTables(store: StoreSeen): readonly Table[] {
  return [...(recorded.get(serverSeen(store))?.values() ?? [])].map(({ table }) => table)
}

interface EndedRecords {
  readonly keys: readonly Json[] | 'all'
  /** The session's status after the statement. */
  readonly status: number
  /** Already told. */
  readonly except?: StoreSeen
}

/** Ends the records of the table's rows, whichever databases were selected when they were inserted. */
export function endRecords(capture: ConnectionCapture, table: Table, { keys, status, except }: EndedRecords): void {
  const { sink, store } = capture
  const ended = (store && recordOf(store, table)?.as.values().toArray()) ?? []
  for (const one of ended.filter((record) => record.store.id !== except?.id))
    sink.gone(one.store, one.type, keys, goneIn(capture, table, status))
}

/** The transaction that decides whether removed rows stay away. Undefined: they do. */
export function goneIn(
  { transaction }: ConnectionCapture,
  { transactional }: Table,
  status: number,
): CaptureTransaction | undefined {
  return (status & inTransaction) !== 0 && transactional ? transaction.forChange('gone') : undefined
}

/** Whether the key of a row of the table is on record. */
export function isOnRecord(sink: CaptureSink, store: StoreSeen, table: TableName, key: Json): boolean {
  const records = recordOf(store, table)?.as.values().toArray() ?? []
  return records.some((one) => sink.onRecord(one.store, one.type, key) !== undefined)
}

/** Whether these columns may be in the key of a recorded table with this name; determined without a query. */
export function mayChangeKeys(store: StoreSeen | undefined, name: string, columns: readonly string[]): boolean {
  const set = new Set(columns.map((column) => column.toLowerCase()))
  const all =
    store === undefined ? [...recorded.values()] : [recorded.get(serverSeen(store)) ?? new Map<string, Recorded>()]
  return all.some((tables) =>
    [...tables.values()].some(
      ({ table: { table, key } }) =>
        table.toLowerCase() === name.toLowerCase() && key.some((column) => set.has(column.name.toLowerCase())),
    ),
  )
}

/** Without a known store, whether any store has records. */
export function hasRecorded(store: StoreSeen | undefined): boolean {
  return store === undefined ? recorded.size > 0 : recorded.has(serverSeen(store))
}

function recordOf(store: StoreSeen, table: TableName): Recorded | undefined {
  return recorded.get(serverSeen(store))?.get(nameOf(table))
}

const nameOf = ({ schema, table }: TableName): string => JSON.stringify([schema, table])

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
