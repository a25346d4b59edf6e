import {
  type FileColumn,
  fileColumns,
  lastPart,
  type Outcomes,
  type RemovalContext,
  type RowFiles as RowFilesOf,
  removeRowFiles,
  rowFiles,
  targetNumbered,
  warnOfMissingColumn,
} from '@dustpan/core/driver'
import { quoteIdentifier, readable, readableTable, type TableName, tableNamed, typeOf } from '../names.ts'
import type { Settings } from '../options.ts'
import type { Batch } from './batches.ts'
import type { StoreClient } from './own-client.ts'
import { shapesOf, type TableShape } from './shapes.ts'
import { Parameters, tableOf } from './statement-parts.ts'

interface FileColumnOfTable extends FileColumn, TableName {}

export type RowFiles = RowFilesOf<FileColumnOfTable>

/** Undefined: rows of the table name no files. */
export type FilesOf = (shape: TableShape) => RowFiles | undefined

/** What the option `files` says, for one removal. A column that is not there is a warning: the rows go all the same. */
export function filesIn({ files = {} }: Settings, root: string, warn: RemovalContext['warn']): FilesOf {
  const tables = fileColumns(files, root, tableNamed)
  return (shape) => {
    const found = tables.find((table) => typeOf(table) === typeOf(shape))
    if (!found) return undefined
    if (Object.hasOwn(shape.columns, found.column)) return rowFiles(found, tables, root)
    warnOfMissingColumn(warn, readableTable(shape), readable(found.column))
    return undefined
  }
}

/** For RETURNING, behind the number of the target: what its row names. */
export function fileOf({ files }: Batch): string {
  return files ? `, t.${quoteIdentifier(files.column)}::text` : ''
}

/** Only for rows whose removal is committed. */
export function noteFiles(batch: Batch, rows: readonly (readonly (string | number | null | undefined)[])[]): void {
  if (!batch.files) return
  for (const [number, path] of rows) {
    const target = targetNumbered(batch, number)
    if (target && path) batch.files.gone.set(target.id, String(path))
  }
}

/** Removes the files of the rows that went. Never throws: the rows are gone. */
export function withFiles(
  client: StoreClient,
  batches: readonly Batch[],
  outcomes: Outcomes,
  ctx: RemovalContext,
): Promise<Outcomes> {
  const tables = batches.map(({ shape, files }) => ({ table: readableTable(shape), files }))
  return removeRowFiles(tables, outcomes, ctx, (files) => pathsLike(client, files, ctx.signal))
}

/** What is left in the tables, of the paths that end in the same names. */
async function pathsLike(
  client: StoreClient,
  { gone, sharedBy }: RowFiles,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const shapeOf = await shapesOf(client, sharedBy, signal)
  const names = [...gone.values()].map(lastPart)
  const statements = sharedBy.flatMap((table) => {
    const shape = shapeOf(table)
    if (!shape || !Object.hasOwn(shape.columns, table.column)) return []
    const parameters = new Parameters()
    const path = `t.${quoteIdentifier(table.column)}::text`
    const text = `SELECT DISTINCT ${path} FROM ${tableOf(shape)} t WHERE lower(regexp_replace(${path}, '^.*[/\\\\]', ''))
      IN (SELECT lower(name) FROM unnest(${parameters.add(names)}::text[]) name)`
    return [{ text, values: parameters.values }]
  })
  const answers = await client.run(statements, signal)
  return answers.flatMap(({ rows }) => rows.flatMap(([path]) => path ?? []))
}
