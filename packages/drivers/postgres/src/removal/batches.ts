import type { Json, Removal, Target } from '@dustpan/core/driver'
import { type BatchOfRows, batchesByKind, type KindOfRows, type RowArgs } from '@dustpan/core/rows'
import { arrayLiteral } from '../array-literal.ts'
import type { NumberedColumn } from '../key-value.ts'
import { keyPart, type TableName } from '../names.ts'
import type { FilesOf, RowFiles } from './row-files.ts'
import type { SoftDeletion } from './soft-deletion.ts'
import type { Parameters } from './statement-parts.ts'
import type { FindTable, Table, WantedTable } from './tables.ts'

/** Targets that one statement removes. */
export type Batch = BatchOfRows<RowsOfTable>

interface RowsOfTable extends KindOfRows {
  readonly table: Table
  /** A condition that the row `t` must still meet, for rows found by a predicate instead of a record. */
  readonly where?: (parameters: Parameters) => string
  /** The recorded attribute numbers of the columns: a column name can be reused for another column. */
  readonly numbers?: readonly number[]
  /** The files that rows of the table name, which are removed with them. */
  readonly files?: RowFiles
}

/** The tables of targets. Rows that were created together share one removal object, so few have to be read. */
export function tablesOf(targets: readonly Target[]): readonly WantedTable[] {
  const removals = new Set<Removal>()
  let previous: Removal | undefined
  for (const { removal } of targets) {
    if (removal !== previous) removals.add(removal)
    previous = removal
  }
  return [...removals].map(tableIn)
}

function tableIn(removal: Removal): WantedTable {
  const { schema = null, table } = rowArgs(removal)
  return { schema, table }
}

/** The table of a target, as its removal names it. */
export const rowTable = ({ removal }: Target): WantedTable => tableIn(removal)

function rowArgs(removal: Removal): RowArgs & Pick<RowsOfTable, 'numbers'> {
  return removal.args as unknown as RowArgs
}

/** The arguments of a removal by key. A column name can be reused for another column; its attribute number cannot. */
export function rowRemovalArgs({ schema, table, key }: TableName & { readonly key: readonly NumberedColumn[] }) {
  return {
    ...{ schema, table, columns: key.map(({ name }) => name), types: key.map(({ type }) => type) },
    numbers: key.map(({ number }) => number),
  }
}

/** Groups targets whose table exists. Without recorded columns, the key of the table is used. */
export function batchesOf(
  targets: readonly Target[],
  findTable: FindTable,
  softDelete: SoftDeletion,
  filesOf: FilesOf = noFiles,
): Promise<readonly Batch[]> {
  return batchesByKind<RowsOfTable>(targets, async (removal) => {
    const table = findTable(tableIn(removal))
    if (!table) return undefined
    const set = softDelete(removal, table)
    const files = set ? undefined : filesOf(table)
    const { columns = table.key, numbers } = rowArgs(removal)
    const kind = { table, columns, set, ...(numbers && { numbers }), ...(files && { files }) }
    return [[table.oid, ...(numbers ?? [])], kind]
  })
}

const noFiles: FilesOf = () => undefined

const keyArrayCache = new WeakMap<Batch, readonly string[]>()

/** One array per key column with the values of all targets, built once for all statements. */
export function keyArrays(batch: Batch): readonly string[] {
  const known = keyArrayCache.get(batch)
  if (known) return known
  const arrays = batch.columns.map((_, index) =>
    arrayLiteral(batch.targets.map(({ key }) => textOf(keyPart(key, index)))),
  )
  keyArrayCache.set(batch, arrays)
  return arrays
}

export function textOf(value: Json): string | null {
  if (value === null || typeof value === 'string') return value
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
