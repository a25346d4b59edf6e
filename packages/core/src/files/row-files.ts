/** A table's column in which rows name their files, for the drivers of databases. */
import { resolve } from 'node:path'
import { messageOf } from '../errors/dustpan-error.ts'
import type { FilesOption } from '../options/row-options.ts'
import type { RemovalContext } from '../resource/connection.ts'
import type { ResourceId } from '../resource/resource.ts'
import type { RemovalOutcome } from '../resource/target.ts'
import { removeFilesOfRows } from './files-of-rows.ts'

/** A column as the option `files` names it. */
export interface FileColumn {
  readonly column: string
  /** Absolute. */
  readonly folder: string
}

/** What the option `files` names, each with its table. */
export function fileColumns<Table extends object>(
  files: FilesOption,
  root: string,
  tableNamed: (name: string) => Table,
): readonly (Table & FileColumn)[] {
  return Object.entries(files).map(([name, { column, folder }]) => ({
    ...tableNamed(name),
    column,
    folder: resolve(root, folder),
  }))
}

/** The last part of a path, on whatever system it was written. */
export function lastPart(path: string): string {
  return path.replace(/^.*[/\\]/s, '')
}

/** The column of a table, and what it held in the rows that went. */
export interface RowFiles<Column extends FileColumn> extends FileColumn {
  readonly root: string
  /** All columns that name files of that folder. */
  readonly sharedBy: readonly Column[]
  readonly gone: Map<ResourceId, string>
}

/** One of the columns, for one removal. */
export function rowFiles<Column extends FileColumn>(
  { column, folder }: Column,
  all: readonly Column[],
  root: string,
): RowFiles<Column> {
  return { column, folder, root, sharedBy: all.filter((one) => one.folder === folder), gone: new Map() }
}

/** Names as the warnings have them. */
export function warnOfMissingColumn(warn: RemovalContext['warn'], table: string, column: string): void {
  const why = `the option files names its column ${column}, which it does not have`
  warn?.('DUSTPAN_FILE_LEFT', `Files of ${table} are left: ${why}`)
}

/**
 * Removes the files of the rows that went; the outcome of a row says whether its file was there. Never throws: the rows are gone.
 * @param pathsLike what is left in the tables, of the paths that end in the same names
 */
export async function removeRowFiles<Column extends FileColumn>(
  tables: readonly { readonly table: string; readonly files: RowFiles<Column> | undefined }[],
  outcomes: Map<ResourceId, RemovalOutcome>,
  ctx: RemovalContext,
  pathsLike: (files: RowFiles<Column>) => Promise<readonly string[]>,
): Promise<Map<ResourceId, RemovalOutcome>> {
  for (const { table, files } of tables) {
    if (!files || files.gone.size === 0) continue
    try {
      const stillNamed = await pathsLike(files)
      const removed = await removeFilesOfRows({ ...files, paths: files.gone, stillNamed }, ctx)
      for (const id of removed) outcomes.set(id, rowAndFile)
    } catch (error) {
      ctx.warn?.('DUSTPAN_FILE_LEFT', `Files of ${table} are left: ${messageOf(error)}`)
    }
  }
  return outcomes
}

/** Its file was there. */
export const rowAndFile: RemovalOutcome = { state: 'removed', result: '1 row, 1 file', withFile: true }
