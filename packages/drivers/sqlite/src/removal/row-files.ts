/** Removes files that rows name in a column, once the removal of their rows is committed. */
import { resolve } from 'node:path'
import { messageOf, type RemovalContext, type ResourceId } from '@dustpan/core/driver'
import { lastPart, removeFilesOfRows, rowAndFile, warnOfMissingColumn } from '@dustpan/core/rows'
import type { FilesOption } from '../options.ts'
import { quoted } from '../quote.ts'
import { found, keysParameter, tableName } from '../rows.ts'
import { findTable, foldCase, readTables, sameName, type Table } from '../tables.ts'
import type { Batch } from './batches.ts'
import type { OpenStore } from './connection.ts'
import type { Outcomes } from './remove.ts'

/** The column in which a table's rows name files, and the paths of the rows in one removal. */
export interface RowFiles {
  readonly column: string
  readonly folder: string
  readonly named: Map<ResourceId, string>
}

/** The files of the rows in one removal. */
export class RemovalFiles {
  readonly #options: FilesOption
  readonly #root: string
  readonly #warn: RemovalContext['warn']
  readonly #tables = new Map<string, RowFiles>()

  constructor(options: FilesOption, root: string, warn: RemovalContext['warn']) {
    this.#options = options
    this.#root = root
    this.#warn = warn
  }

  /** Undefined: rows of the table name no files. Warns about a missing column: the rows are removed anyway. */
  of(table: Table): RowFiles | undefined {
    const [, option] = Object.entries(this.#options).find(([name]) => sameName(name, table.name)) ?? []
    if (option === undefined) return undefined
    if (!hasColumn(table, option.column)) {
      warnOfMissingColumn(this.#warn, table.name, option.column)
      return undefined
    }
    const known = this.#tables.get(foldCase(table.name))
    const files = known ?? { column: option.column, folder: resolve(this.#root, option.folder), named: new Map() }
    this.#tables.set(foldCase(table.name), files)
    return files
  }

  /** Removes the files of the removed rows; a row's outcome says whether its file existed. Never throws: the rows are gone. */
  async remove(open: OpenStore, outcomes: Outcomes, ctx: RemovalContext): Promise<Outcomes> {
    for (const { folder, named } of this.#tables.values()) {
      const paths = new Map([...named].filter(([id]) => outcomes.get(id)?.state === 'removed'))
      if (paths.size === 0) continue
      try {
        const stillNamed = open.apart(() => this.#pathsLike(open, folder, [...paths.values()]))
        const removed = await removeFilesOfRows({ folder, root: this.#root, paths, stillNamed }, ctx)
        for (const id of removed) outcomes.set(id, rowAndFile)
      } catch (error) {
        ctx.warn?.('DUSTPAN_FILE_LEFT', `Files in ${folder} are left, though their rows are gone: ${messageOf(error)}`)
      }
    }
    return outcomes
  }

  /** The remaining paths in the tables that end in the same file names. */
  #pathsLike(open: OpenStore, folder: string, paths: readonly string[]): string[] {
    const last = paths.map(lastPart)
    // SQLite itself folds the case of ASCII letters only.
    const names = JSON.stringify(last.flatMap((name) => [name, name.toLowerCase(), name.toUpperCase()]))
    const tables = readTables(open.client)
    const sharing = Object.entries(this.#options).filter(([, option]) => resolve(this.#root, option.folder) === folder)
    return sharing.flatMap(([name, { column }]) => {
      const table = findTable(tables, open.schema, name)
      if (table === undefined || !hasColumn(table, column)) return []
      const path = `replace(t.${quoted(column)}, '\\', '/')`
      const end = `replace(${path}, rtrim(${path}, replace(${path}, '/', '')), '')`
      const sql = `SELECT DISTINCT t.${quoted(column)} AS path FROM ${tableName(table)} AS t
        WHERE t.${quoted(column)} IS NOT NULL AND lower(${end}) IN (SELECT lower(value) FROM json_each(?))`
      return open.client.all(sql, names).map((row) => String(row.path))
    })
  }
}

/** Reads the file names of rows, in the transaction that is about to remove them. */
export function noteFiles(open: OpenStore, { files, lookup, targets }: Batch): void {
  if (files === undefined) return
  const sql = `SELECT j.key AS i, x.${quoted(files.column)} AS path FROM ${found(lookup, '?', true)}`
  for (const { i, path } of open.client.all(sql, keysParameter(lookup, targets))) {
    const target = targets[Number(i)]
    if (target !== undefined && typeof path === 'string') files.named.set(target.id, path)
  }
}

function hasColumn(table: Table, name: string): boolean {
  return [...table.columns.keys()].some((column) => sameName(column, name))
}
