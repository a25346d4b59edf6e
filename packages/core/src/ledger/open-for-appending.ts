import { mkdirSync, openSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Opens a file of the ledger, for its owner alone. */
export function openForAppending(dir: string, file: string): number {
  makeFolder(dir, dirname(file))
  return openSync(file, 'a', 0o600)
}

/** A folder in the ledger, which stays out of repositories. */
export function makeFolder(dir: string, folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  try {
    writeFileSync(join(dir, '.gitignore'), '*\n', { flag: 'wx' })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
  }
}
