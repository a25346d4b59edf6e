import type { RemovalContext, Target } from '@dustpan/core/driver'
import {
  type FileColumn,
  fileColumns,
  lastPart,
  type Outcomes,
  type RowFiles as RowFilesOf,
  removeRowFiles,
  rowFiles,
  warnOfMissingColumn,
} from '@dustpan/core/rows'
import { quoteName, quoteTable, readable, readableTable, wantedTable } from '../names.ts'
import type { Settings } from '../options.ts'
import type { Table } from '../tables.ts'
import type { Batch } from './batches.ts'
import type { StoreClient } from './own-client.ts'
import { valueSql } from './statement-parts.ts'

interface FileColumnOfTable extends FileColumn {
  readonly schema: string | null
  readonly table: string
}

export type RowFiles = RowFilesOf<FileColumnOfTable>

/** Undefined: rows of the table name no files. */
export type FilesOf = (table: Table) => RowFiles | undefined

/** The option `files`, for one removal. Warns about a missing column: the rows are removed anyway. */
export function filesIn(
  { files = {} }: Settings,
  root: string,
  database: string,
  warn: RemovalContext['warn'],
): FilesOf {
  const tables = fileColumns(files, root, wantedTable)
  return (shape) => {
    const found = tables.find(({ schema, table }) => table === shape.table && (schema ?? database) === shape.schema)
    if (!found) return undefined
    if (shape.columns.has(found.column)) return rowFiles(found, tables, root)
    warnOfMissingColumn(warn, readableTable(shape), readable(found.column))
    return undefined
  }
}

/** The file column, selected after the number of the target. */
export function fileOf({ files }: Batch): string {
  return files ? `, t.${quoteName(files.column)}` : ''
}

/** Called only for rows whose removal is committed. */
export function noteFiles(
  { files }: Batch,
  rows: readonly { readonly target: Target; readonly file: string | null }[],
): void {
  if (!files) return
  for (const { target, file } of rows) if (file) files.gone.set(target.id, file)
}

/** Removes the files of the removed rows. Never throws: the rows are gone. */
export function withFiles(
  client: StoreClient,
  batches: readonly Batch[],
  outcomes: Outcomes,
  ctx: RemovalContext,
): Promise<Outcomes> {
  const tables = batches.map(({ table, files }) => ({ table: readableTable(table), files }))
  return removeRowFiles(tables, outcomes, ctx, (files) => pathsLike(client, files, ctx.signal))
}

/** The remaining paths in the tables that end in the same file names. */
async function pathsLike(
  client: StoreClient,
  { gone, sharedBy }: RowFiles,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const names = [...new Set([...gone.values()].map((path) => lastPart(path).toLowerCase()))]
  const statements: string[] = []
  for (const { column, ...name } of sharedBy) {
    const table = await client.table(name, signal)
    if (!table?.columns.has(column)) continue
    const path = `t.${quoteName(column)}`
    const last = `LOWER(SUBSTRING_INDEX(REPLACE(${path}, '\\\\', '/'), '/', -1))`
    statements.push(
      `SELECT DISTINCT ${path} FROM ${quoteTable(table)} t WHERE ${last} IN (${names.map(valueSql).join(', ')})`,
    )
  }
  if (statements.length === 0) return []
  const answers = await client.run(statements, signal)
  return answers.flatMap(({ rows }) => rows.flatMap(([path]) => path ?? []))
}
