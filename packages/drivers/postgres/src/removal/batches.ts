import {
  type BatchOfRows,
  batchesByKind,
  type Json,
  type KindOfRows,
  type Removal,
  type RowArgs,
  type Target,
} from '@dustpan/core/driver'
import { arrayLiteral } from '../array-literal.ts'
import type { NumberedColumn } from '../key-value.ts'
import { keyPart, type TableName } from '../names.ts'
import type { FilesOf, RowFiles } from './row-files.ts'
import type { ShapeOf, TableShape, TableWanted } from './shapes.ts'
import type { SoftDeletion } from './soft-deletion.ts'
import type { Parameters } from './statement-parts.ts'

/** Targets that one statement removes. */
export type Batch = BatchOfRows<RowsOfTable>

interface RowsOfTable extends KindOfRows {
  readonly shape: TableShape
  /** What a row `t` must be still, where no record but a predicate names it. */
  readonly where?: (parameters: Parameters) => string
  /** The numbers of the columns in their table, where they were recorded: a name may have come to mean another column. */
  readonly numbers?: readonly number[]
  /** Where the rows name files that go with them. */
  readonly files?: RowFiles
}

/** The tables that targets are in. Rows that were created together share their removal, so that there are few to look at. */
export function tablesOf(targets: readonly Target[]): readonly TableWanted[] {
  const removals = new Set<Removal>()
  let before: Removal | undefined
  for (const { removal } of targets) {
    if (removal !== before) removals.add(removal)
    before = removal
  }
  return [...removals].map(tableOf)
}

function tableOf(removal: Removal): TableWanted {
  const { schema = null, table } = rowArgs(removal)
  return { schema, table }
}

/** The table that a target's row is in, as its removal names it. */
export const rowTable = ({ removal }: Target): TableWanted => tableOf(removal)

function rowArgs(removal: Removal): RowArgs & Pick<RowsOfTable, 'numbers'> {
  return removal.args as unknown as RowArgs
}

/** What removes rows by their key. A name may come to mean another column: its number in the table stays. */
export function rowRemovalArgs({ schema, table, key }: TableName & { readonly key: readonly NumberedColumn[] }) {
  return {
    ...{ schema, table, columns: key.map(({ name }) => name), types: key.map(({ type }) => type) },
    numbers: key.map(({ number }) => number),
  }
}

/** Groups targets whose table is there. Columns that are not named are the table's key. */
export function batchesOf(
  targets: readonly Target[],
  shapeOf: ShapeOf,
  softly: SoftDeletion,
  filesOf: FilesOf = noFiles,
): Promise<readonly Batch[]> {
  return batchesByKind<RowsOfTable>(targets, async (removal) => {
    const shape = shapeOf(tableOf(removal))
    if (!shape) return undefined
    const set = softly(removal, shape)
    const files = set ? undefined : filesOf(shape)
    const { columns = shape.key, numbers } = rowArgs(removal)
    const kind = { shape, columns, set, ...(numbers && { numbers }), ...(files && { files }) }
    return [[shape.oid, ...(numbers ?? [])], kind]
  })
}

const noFiles: FilesOf = () => undefined

const literals = new WeakMap<Batch, readonly string[]>()

/** The keys as one array for each key column, written once for all statements. */
export function keyArrays(batch: Batch): readonly string[] {
  const known = literals.get(batch)
  if (known) return known
  const arrays = batch.columns.map((_, index) =>
    arrayLiteral(batch.targets.map(({ key }) => textOf(keyPart(key, index)))),
  )
  literals.set(batch, arrays)
  return arrays
}

export function textOf(value: Json): string | null {
  if (value === null || typeof value === 'string') return value
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
