/** Copies files and folders before their removal. A copy is named by its content, so equal contents share one copy. */
import { createHash, randomUUID } from 'node:crypto'
import { constants, createReadStream } from 'node:fs'
import { cp, lstat, mkdir, readdir, readlink, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { DustpanError, messageOf } from '../errors/dustpan-error.ts'
import type { Json } from '../resource/resource.ts'
import type { RestoreOutcome } from '../resource/target.ts'

/** Limit for a file, or for a folder with its contents. */
const maxBytes = 100 * 1024 * 1024

/** Undefined: the path does not exist. Symbolic links are copied as links. */
export async function copied(path: string, backups: string): Promise<Json | DustpanError | undefined> {
  try {
    if (!(await isThere(path))) return undefined
    const entries = await entriesOf(path)
    const size = entries.reduce((sum, { bytes }) => sum + bytes, 0)
    if (size > maxBytes) return tooLarge(path, size)
    const copy = await digestOf(entries)
    await copyOnce(path, copyIn(backups, copy))
    return { copy }
  } catch (cause) {
    return failed(`${path} could not be copied: ${messageOf(cause)}`, cause)
  }
}

/** Never overwrites: an existing path is an error. */
export async function copiedBack(path: string, backup: Json, backups: string): Promise<RestoreOutcome> {
  const { copy } = backup as { readonly copy: string }
  try {
    if (await isThere(path)) return notBack(path, 'something else is there')
    if (!(await isThere(dirname(path)))) return notBack(path, 'its folder is not there any more')
    await copyWhole(copyIn(backups, copy), path)
    return { state: 'restored', result: 'copied back' }
  } catch (cause) {
    return notBack(path, messageOf(cause))
  }
}

const preserved = {
  recursive: true,
  verbatimSymlinks: true,
  preserveTimestamps: true,
  errorOnExist: true,
  force: false,
} as const

const copyIn = (backups: string, copy: string): string => join(backups, 'files', copy)

interface Entry {
  /** Relative to the copied file or folder. */
  readonly name: string
  readonly path: string
  readonly mode: number
  readonly bytes: number
  readonly link?: string
  readonly isFile: boolean
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return false
    throw error
  }
}

/** Sorted by name. */
async function entriesOf(root: string): Promise<readonly Entry[]> {
  const isFolder = (await lstat(root)).isDirectory()
  const names = isFolder ? await readdir(root, { recursive: true }) : []
  return Promise.all(['', ...names.sort()].map((name) => entryOf(root, name)))
}

async function entryOf(root: string, name: string): Promise<Entry> {
  const path = join(root, name)
  const found = await lstat(path)
  const link = found.isSymbolicLink() ? { link: await readlink(path) } : {}
  return { name, path, mode: found.mode, bytes: found.isFile() ? found.size : 0, isFile: found.isFile(), ...link }
}

async function digestOf(entries: readonly Entry[]): Promise<string> {
  const hash = createHash('sha256')
  for (const { name, path, mode, bytes, link, isFile } of entries) {
    hash.update(`${JSON.stringify([name, mode, bytes, link ?? null])}\n`)
    if (isFile) await pipeline(createReadStream(path), hash, { end: false })
  }
  return hash.digest('hex')
}

/** Complete once it has its final name. Other processes or threads may be making the same copy. */
async function copyOnce(path: string, copy: string): Promise<void> {
  if (await isThere(copy)) return
  const fresh = `${copy}.${randomUUID()}.new`
  await mkdir(dirname(copy), { recursive: true, mode: 0o700 })
  try {
    await cp(path, fresh, preserved)
    await rename(fresh, copy)
  } catch (error) {
    await rm(fresh, { recursive: true, force: true })
    if (!(await isThere(copy))) throw error
  }
}

/** Restores everything or nothing; never overwrites a path created meanwhile. */
async function copyWhole(copy: string, path: string): Promise<void> {
  try {
    await cp(copy, path, { ...preserved, mode: constants.COPYFILE_EXCL })
  } catch (error) {
    const isTaken = /EEXIST$/.test(String((error as NodeJS.ErrnoException).code))
    if (!isTaken) await rm(path, { recursive: true, force: true })
    throw error
  }
}

function tooLarge(path: string, size: number): DustpanError {
  const megabytes = (bytes: number) => `${Math.ceil(bytes / 1024 / 1024)} MB`
  return failed(`${path} has ${megabytes(size)}, and at most ${megabytes(maxBytes)} are copied`)
}

function failed(why: string, cause?: unknown): DustpanError {
  return new DustpanError('DUSTPAN_BACKUP_FAILED', `It was not removed because it could not be backed up: ${why}.`, {
    hint: 'Name in cleanup.backup.types what is to be backed up, without it, or remove it by hand.',
    cause,
  })
}

function notBack(path: string, why: string): RestoreOutcome {
  return {
    state: 'failed',
    error: new DustpanError('DUSTPAN_RESTORE_FAILED', `${path} could not be restored: ${why}.`),
  }
}
