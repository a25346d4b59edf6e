/** Removes files named in a column of rows, for database drivers: after their rows are gone. */
import { lstat, realpath, unlink } from 'node:fs/promises'
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path'
import { messageOf } from '../errors/dustpan-error.ts'
import type { RemovalContext } from '../resource/connection.ts'
import type { ResourceId, RunId } from '../resource/resource.ts'
import { runStart } from '../tracking/run-id.ts'

/** The paths in the column of removed rows, and those still in other rows of the store. */
export interface RowsWithFiles {
  /** Absolute. */
  readonly folder: string
  /** Folder of the configuration, to resolve paths that include the upload folder. */
  readonly root: string
  readonly paths: ReadonlyMap<ResourceId, string>
  readonly stillNamed: readonly string[]
}

/**
 * Removes the files, and returns the rows whose file existed. A file that another row names is kept, a missing one is ignored;
 * any other reason to keep a file is a warning, `DUSTPAN_FILE_LEFT`.
 */
export async function removeFilesOfRows(
  { paths, stillNamed, ...place }: RowsWithFiles,
  { run, warn }: Pick<RemovalContext, 'run' | 'warn'>,
): Promise<ReadonlySet<ResourceId>> {
  const folder = await realOf(place.folder)
  if (folder === undefined) return new Set()
  const kept = new Set(
    (await Promise.all(stillNamed.map((path) => locate(path, { ...place, real: folder })))).map(fileOf),
  )
  const removed = new Set<ResourceId>()
  for (const [id, path] of paths) {
    const why = await removeOne(path, { ...place, real: folder }, kept, run)
    if (why === undefined) removed.add(id)
    else if (why !== '') warn?.('DUSTPAN_FILE_LEFT', `${JSON.stringify(path)} is left, though its row is gone: ${why}`)
  }
  return removed
}

interface Place {
  readonly folder: string
  readonly root: string
  /** The folder's real path. */
  readonly real: string
}

/** A file, or why it is not removed: empty if it does not exist. */
type Located = { readonly file: string } | { readonly why: string }

const notFound: Located = { why: '' }

function fileOf(located: Located): string | undefined {
  return 'file' in located ? located.file : undefined
}

/** Returns why it was kept; undefined: it was removed. */
async function removeOne(
  path: string,
  place: Place,
  kept: ReadonlySet<string | undefined>,
  run: RunId,
): Promise<string | undefined> {
  try {
    const located = await locate(path, place)
    if ('why' in located) return located.why
    if (kept.has(located.file)) return ''
    const why = await keptBecause(located.file, run)
    if (why === undefined) await unlink(located.file)
    return why
  } catch (error) {
    return isMissing(error) ? '' : messageOf(error)
  }
}

/** Links on the candidate are followed; a link as the file itself is not. */
async function locate(path: string, { folder, root, real }: Place): Promise<Located> {
  if (path === '') return notFound
  const full = [resolve(root, path), resolve(folder, path)].find(
    (candidate) => isIn(folder, candidate) || isIn(real, candidate),
  )
  if (full === undefined || path.includes('\0')) return { why: `it is outside of ${folder}` }
  const parent = await realOf(dirname(full))
  if (parent === undefined) return notFound
  const file = resolve(parent, full.slice(dirname(full).length).replace(/^[\\/]+/, ''))
  return isIn(real, file) ? { file } : { why: `a link leads out of ${folder}` }
}

/** A file that existed before the run began was not uploaded by a test. */
async function keptBecause(file: string, run: RunId): Promise<string | undefined> {
  const found = await lstat(file)
  if (!found.isFile()) return found.isDirectory() ? 'it is a folder' : 'it is a link, or no ordinary file'
  const began = runStart(run)?.from ?? 0
  return (found.birthtimeMs || found.ctimeMs) < began ? 'it was there before this run began' : undefined
}

async function realOf(path: string): Promise<string | undefined> {
  try {
    return await realpath(path)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

function isIn(folder: string, path: string): boolean {
  const candidate = relative(folder, path)
  return candidate !== '' && candidate !== '..' && !candidate.startsWith(`..${sep}`) && !isAbsolute(candidate)
}

function isMissing(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return code === 'ENOENT' || code === 'ENOTDIR'
}
