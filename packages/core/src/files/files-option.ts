/** Checks a driver's option `files`. */
import { resolve } from 'node:path'
import type { WrongKind } from '../options/check-kinds.ts'
import { isRecord, isText } from '../options/option-values.ts'
import { protectedBy } from './protected-paths.ts'

/** The error in the column or folder of one table; undefined: none. */
export function wrongFiles(value: unknown, root: string): WrongKind | undefined {
  const { column, folder, ...others } = isRecord(value) ? value : {}
  if (!isText(column) || !isText(folder) || Object.keys(others).length > 0)
    return { path: '', expected: "{ column: 'file_path', folder: './uploads' }", found: value }
  const why = protectedBy(resolve(root, folder), root)
  if (why === undefined) return undefined
  return { path: '.folder', expected: `a folder of uploads (this is ${why})`, found: folder }
}
