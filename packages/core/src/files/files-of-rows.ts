/** Files that rows name in a column, for the drivers of databases: they go once their rows are gone. */
import { lstat, realpath, unlink } from 'node:fs/promises'
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path'
import { messageOf } from '../errors/dustpan-error.ts'
import type { RemovalContext } from '../resource/connection.ts'
import type { ResourceId, RunId } from '../resource/resource.ts'
import { runStart } from '../tracking/run-id.ts'

/** What a row that was removed has in the column, and what other rows of the store still have. */
export interface RowsWithFiles {
  /** Absolute. */
  readonly folder: string
  /** Folder of the configuration: where a path is looked for that names the folder itself. */
  readonly root: string
  readonly paths: ReadonlyMap<ResourceId, string>
  readonly stillNamed: readonly string[]
}

/**
 * Removes the files, and gives the rows whose file was there. One that another row names stays; one that is not there is no matter; whatever
 * else keeps one is a warning, `DUSTPAN_FILE_LEFT`.
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
  /** The folder, links followed. */
  readonly real: string
}

/** A file, or why there is none to remove: empty when nothing is there. */
type Located = { readonly file: string } | { readonly why: string }

const nothingThere: Located = { why: '' }

function fileOf(located: Located): string | undefined {
  return 'file' in located ? located.file : undefined
}

/** Undefined: it was removed. */
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
    const why = await unfit(located.file, run)
    if (why === undefined) await unlink(located.file)
    return why
  } catch (error) {
    return isMissing(error) ? '' : messageOf(error)
  }
}

/** Links on the way are followed, the file itself is not. */
async function locate(path: string, { folder, root, real }: Place): Promise<Located> {
  if (path === '') return nothingThere
  const full = [resolve(root, path), resolve(folder, path)].find((way) => isIn(folder, way) || isIn(real, way))
  if (full === undefined || path.includes('\0')) return { why: `it is outside of ${folder}` }
  const parent = await realOf(dirname(full))
  if (parent === undefined) return nothingThere
  const file = resolve(parent, full.slice(dirname(full).length).replace(/^[\\/]+/, ''))
  return isIn(real, file) ? { file } : { why: `a link leads out of ${folder}` }
}

/** What was there before the run began, no test uploaded. */
async function unfit(file: string, run: RunId): Promise<string | undefined> {
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
  const way = relative(folder, path)
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

function isMissing(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return code === 'ENOENT' || code === 'ENOTDIR'
}
