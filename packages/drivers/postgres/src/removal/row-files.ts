import type { RemovalContext } from '@dustpan/core/driver'
import {
  type FileColumn,
  fileColumns,
  lastPart,
  type Outcomes,
  type RowFiles as RowFilesOf,
  removeRowFiles,
  rowFiles,
  targetNumbered,
  warnOfMissingColumn,
} from '@dustpan/core/rows'
import { quoteIdentifier, readable, readableTable, type TableName, tableNamed, typeOf } from '../names.ts'
import type { Settings } from '../options.ts'
import type { Batch } from './batches.ts'
import type { StoreClient } from './own-client.ts'
import { Parameters, tableSql } from './statement-parts.ts'
import { readTables, type Table } from './tables.ts'

interface FileColumnOfTable extends FileColumn, TableName {}

export type RowFiles = RowFilesOf<FileColumnOfTable>

/** Undefined when rows of the table name no files. */
export type FilesOf = (table: Table) => RowFiles | undefined

/** The option `files`, for one removal. A missing column is a warning: the rows are removed all the same. */
export function filesIn({ files = {} }: Settings, root: string, warn: RemovalContext['warn']): FilesOf {
  const tables = fileColumns(files, root, tableNamed)
  return (table) => {
    const found = tables.find((one) => typeOf(one) === typeOf(table))
    if (!found) return undefined
    if (Object.hasOwn(table.columns, found.column)) return rowFiles(found, tables, root)
    warnOfMissingColumn(warn, readableTable(table), readable(found.column))
    return undefined
  }
}

/** For RETURNING, after the number of the target: the file that its row names. */
export function fileOf({ files }: Batch): string {
  return files ? `, t.${quoteIdentifier(files.column)}::text` : ''
}

/** Notes the files of rows whose removal is committed. */
export function noteFiles(batch: Batch, rows: readonly (readonly (string | number | null | undefined)[])[]): void {
  if (!batch.files) return
  for (const [number, path] of rows) {
    const target = targetNumbered(batch, number)
    if (target && path) batch.files.gone.set(target.id, String(path))
  }
}

/** Removes the files of removed rows. Never throws: the rows are gone. */
export function withFiles(
  client: StoreClient,
  batches: readonly Batch[],
  outcomes: Outcomes,
  ctx: RemovalContext,
): Promise<Outcomes> {
  const tables = batches.map(({ table, files }) => ({ table: readableTable(table), files }))
  return removeRowFiles(tables, outcomes, ctx, (files) => pathsLike(client, files, ctx.signal))
}

/** Paths that are left in the tables and end in the same file names. */
async function pathsLike(
  client: StoreClient,
  { gone, sharedBy }: RowFiles,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const findTable = await readTables(client, sharedBy, signal)
  const names = [...gone.values()].map(lastPart)
  const statements = sharedBy.flatMap((file) => {
    const table = findTable(file)
    if (!table || !Object.hasOwn(table.columns, file.column)) return []
    const parameters = new Parameters()
    const path = `t.${quoteIdentifier(file.column)}::text`
    const text = `SELECT DISTINCT ${path} FROM ${tableSql(table)} t WHERE lower(regexp_replace(${path}, '^.*[/\\\\]', ''))
      IN (SELECT lower(name) FROM unnest(${parameters.add(names)}::text[]) name)`
    return [{ text, values: parameters.values }]
  })
  const answers = await client.run(statements, signal)
  return answers.flatMap(({ rows }) => rows.flatMap(([path]) => path ?? []))
}
