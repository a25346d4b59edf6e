import { resolve } from 'node:path'
import {
  messageOf,
  type RemovalContext,
  type RemovalOutcome,
  type ResourceId,
  removeFilesOfRows,
} from '@dustpan/core/driver'
import { parseTableName, quoteIdentifier, readable, readableTable, type TableName, typeOf } from '../names.ts'
import type { Settings } from '../options.ts'
import type { Batch } from './batches.ts'
import type { Outcomes } from './outcomes.ts'
import type { StoreClient } from './own-client.ts'
import { shapesOf, type TableShape } from './shapes.ts'
import { Parameters, tableOf } from './statement-parts.ts'

/** The column of a table in which rows name their files, and what it held in the rows that went. */
export interface RowFiles {
  readonly column: string
  /** Absolute. */
  readonly folder: string
  readonly root: string
  /** All tables whose rows name files of that folder. */
  readonly sharedBy: readonly FileColumn[]
  readonly gone: Map<ResourceId, string>
}

interface FileColumn extends TableName {
  readonly column: string
  readonly folder: string
}

/** Undefined: rows of the table name no files. */
export type FilesOf = (shape: TableShape) => RowFiles | undefined

/** What the option `files` says, for one removal. A column that is not there is a warning: the rows go all the same. */
export function filesIn({ files = {} }: Settings, root: string, warn: RemovalContext['warn']): FilesOf {
  const tables = Object.entries(files).map(([name, { column, folder }]): FileColumn => {
    const { schema = 'public', table = name } = parseTableName(name) ?? {}
    return { schema, table, column, folder: resolve(root, folder) }
  })
  return (shape) => {
    const found = tables.find((table) => typeOf(table) === typeOf(shape))
    if (!found) return undefined
    const { column, folder } = found
    const sharedBy = tables.filter((table) => table.folder === folder)
    if (Object.hasOwn(shape.columns, column)) return { column, folder, root, sharedBy, gone: new Map() }
    warn?.(
      'DUSTPAN_FILE_LEFT',
      `Files of ${readableTable(shape)} are left: the option files names its column ${readable(column)}, which it does not have`,
    )
    return undefined
  }
}

/** For RETURNING, behind the number of the target: what its row names. */
export function fileOf({ files }: Batch): string {
  return files ? `, t.${quoteIdentifier(files.column)}::text` : ''
}

/** Only for rows whose removal is committed. */
export function noteFiles(
  { files, targets }: Batch,
  rows: readonly (readonly (string | number | null | undefined)[])[],
): void {
  if (!files) return
  for (const [number, path] of rows) {
    const target = targets[Number(number) - 1]
    if (target && path) files.gone.set(target.id, String(path))
  }
}

/** Removes the files of the rows that went; the outcome of a row says whether its file was there. Never throws: the rows are gone. */
export async function withFiles(
  client: StoreClient,
  batches: readonly Batch[],
  outcomes: Outcomes,
  ctx: RemovalContext,
): Promise<Outcomes> {
  for (const { files, shape } of batches) {
    if (!files || files.gone.size === 0) continue
    try {
      const stillNamed = await pathsLike(client, files, ctx.signal)
      const removed = await removeFilesOfRows({ ...files, paths: files.gone, stillNamed }, ctx)
      for (const id of removed) outcomes.set(id, rowAndFile)
    } catch (error) {
      ctx.warn?.('DUSTPAN_FILE_LEFT', `Files of ${readableTable(shape)} are left: ${messageOf(error)}`)
    }
  }
  return outcomes
}

const rowAndFile: RemovalOutcome = { state: 'removed', result: '1 row, 1 file' }

/** What is left in the tables, of the paths that end in the same names. */
async function pathsLike(
  client: StoreClient,
  { gone, sharedBy }: RowFiles,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const shapeOf = await shapesOf(client, sharedBy, signal)
  const names = [...gone.values()].map((path) => path.replace(/^.*[/\\]/s, ''))
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
