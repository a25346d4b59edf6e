import {
  type FileColumn,
  fileColumns,
  lastPart,
  type Outcomes,
  type RemovalContext,
  type RowFiles as RowFilesOf,
  removeRowFiles,
  rowFiles,
  type Target,
  warnOfMissingColumn,
} from '@dustpan/core/driver'
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

/** What the option `files` says, for one removal. A column that is not there is a warning: the rows go all the same. */
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

/** Behind the number of the target: what its row names. */
export function fileOf({ files }: Batch): string {
  return files ? `, t.${quoteName(files.column)}` : ''
}

/** Only for rows whose removal is committed. */
export function noteFiles(
  { files }: Batch,
  rows: readonly { readonly target: Target; readonly file: string | null }[],
): void {
  if (!files) return
  for (const { target, file } of rows) if (file) files.gone.set(target.id, file)
}

/** Removes the files of the rows that went. Never throws: the rows are gone. */
export function withFiles(
  client: StoreClient,
  batches: readonly Batch[],
  outcomes: Outcomes,
  ctx: RemovalContext,
): Promise<Outcomes> {
  const tables = batches.map(({ table, files }) => ({ table: readableTable(table), files }))
  return removeRowFiles(tables, outcomes, ctx, (files) => pathsLike(client, files, ctx.signal))
}

/** What is left in the tables, of the paths that end in the same names. */
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
