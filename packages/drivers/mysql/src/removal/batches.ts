import type { Json, Target } from '@dustpan/core/driver'
import { type BatchOfRows, batchesByKind, type KindOfRows, keyParts, type RowArgs } from '@dustpan/core/rows'
import { textOf } from '../names.ts'
import type { Table } from '../tables.ts'
import { fittingText } from './fitting-text.ts'
import type { StoreClient } from './own-client.ts'
import type { FilesOf, RowFiles } from './row-files.ts'
import type { SoftDeletion } from './soft-deletion.ts'
import { columnOf, isBinary } from './statement-parts.ts'

/** Targets that one statement removes. */
export type Batch = BatchOfRows<RowsOfTable>

interface RowsOfTable extends KindOfRows {
  readonly table: Table
  /** A condition on the row `t`, if a predicate selected it and no record names it. */
  readonly where?: string
  /** Set if the rows name files that are removed with them. */
  readonly files?: RowFiles
}

/** Groups the targets whose tables exist. Without named columns, the table's key is used. */
export function batchesOf(
  client: StoreClient,
  targets: readonly Target[],
  softDelete: SoftDeletion,
  filesOf: FilesOf,
  signal: AbortSignal,
): Promise<readonly Batch[]> {
  return batchesByKind<RowsOfTable>(targets, async (removal) => {
    const { schema = null, table: name, columns } = removal.args as unknown as RowArgs
    const table = await client.table({ schema, table: name }, signal)
    if (!table) return undefined
    const set = softDelete(removal, table)
    const files = set ? undefined : filesOf(table)
    const key = columns ?? table.key.map(({ name }) => name)
    return [[table.schema, table.table], { table, columns: key, set, ...(files && { files }) }]
  })
}

const written = new WeakMap<Batch, string>()

/** The keys as JSON, serialised once for all statements: `[["7","a"],…]`. */
export function keysOf(batch: Batch): string {
  const known = written.get(batch)
  if (known !== undefined) return known
  const columns = batch.columns.map((name) => columnOf(batch.table, name))
  const textIn = (part: Json, index: number) => {
    const [column, text] = [columns[index], textOf(part)]
    return column && (isBinary(column) ? inHex(text) : fittingText(column, text))
  }
  const keys = JSON.stringify(batch.targets.map(({ key }) => keyParts(key).map(textIn)))
  written.set(batch, keys)
  return keys
}

/** Bytes are recorded in hex; a key passed to `track()` may be the text itself. */
function inHex(text: string | null): string | null {
  return text === null || /^0x(?:[\da-f]{2})*$/i.test(text) ? text : `0x${Buffer.from(text).toString('hex')}`
}
