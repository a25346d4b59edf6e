/** Identifies the database in a file: its path, and what distinguishes it from one deleted and recreated at the same path. */
import { realpathSync, statSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'

const file = /^sqlite:(.+)#\d+\.\d+\.\d+$/s
const memoryPrefix = 'sqlite::memory:#'

/** The id of the store in a file: `sqlite:<real path>#<device>.<inode>.<birth in ns>`; undefined if the file does not exist. */
export function fileStore(path: string): string | undefined {
  try {
    const real = realpathSync(path)
    const { dev, ino, birthtimeNs } = statSync(real, { bigint: true })
    return `sqlite:${real}#${dev}.${ino}.${birthtimeNs}`
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** The id of an in-memory store of this process. */
export function memoryStore(number: number): string {
  return `${memoryPrefix}${number}`
}

export function isMemoryStore(id: string): boolean {
  return id.startsWith(memoryPrefix)
}

/** The path in a store's id; undefined for an in-memory store. */
export function pathOf(id: string): string | undefined {
  return isMemoryStore(id) ? undefined : file.exec(id)?.[1]
}

/** The real path, even if the file does not exist yet. */
export function realPath(root: string, path: string): string {
  const full = resolve(root, path)
  return tryRealPath(full) ?? resolve(tryRealPath(dirname(full)) ?? dirname(full), basename(full))
}

function tryRealPath(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

function isMissing(error: unknown): boolean {
  const code = (error as { code?: unknown }).code
  return code === 'ENOENT' || code === 'ENOTDIR'
}
