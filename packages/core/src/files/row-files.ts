/** Removes files named in a table's column, for database drivers. */
import { resolve } from 'node:path'
import { messageOf } from '../errors/dustpan-error.ts'
import type { FilesOption } from '../options/row-options.ts'
import type { RemovalContext } from '../resource/connection.ts'
import type { ResourceId } from '../resource/resource.ts'
import type { RemovalOutcome } from '../resource/target.ts'
import { removeFilesOfRows } from './files-of-rows.ts'

/** A column from the option `files`. */
export interface FileColumn {
  readonly column: string
  /** Absolute. */
  readonly folder: string
}

/** The columns of the option `files`, each with its table. */
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

/** The last part of a path, written on any operating system. */
export function lastPart(path: string): string {
  return path.replace(/^.*[/\\]/s, '')
}

/** A table's file column, and its values in removed rows. */
export interface RowFiles<Column extends FileColumn> extends FileColumn {
  readonly root: string
  /** All columns that name files in the same folder. */
  readonly sharedBy: readonly Column[]
  readonly gone: Map<ResourceId, string>
}

/** Prepares one of the columns for one removal. */
export function rowFiles<Column extends FileColumn>(
  { column, folder }: Column,
  all: readonly Column[],
  root: string,
): RowFiles<Column> {
  return { column, folder, root, sharedBy: all.filter((one) => one.folder === folder), gone: new Map() }
}

/** Table and column are given as they appear in warnings. */
export function warnOfMissingColumn(warn: RemovalContext['warn'], table: string, column: string): void {
  const why = `the option files names its column ${column}, which it does not have`
  warn?.('DUSTPAN_FILE_LEFT', `Files of ${table} are left: ${why}`)
}

/**
 * Removes the files of removed rows; a row's outcome says whether its file existed. Never throws, as the rows are gone.
 * @param pathsLike returns the paths left in the tables that end in the same names
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

/** Outcome of a row whose file existed. */
export const rowAndFile: RemovalOutcome = { state: 'removed', result: '1 row, 1 file', withFile: true }
