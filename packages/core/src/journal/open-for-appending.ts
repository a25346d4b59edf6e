import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Opens a file of the ledger for appending, accessible to its owner only. */
export function openForAppending(dir: string, file: string): number {
  makeFolder(dir, dirname(file))
  return openSync(file, 'a', 0o600)
}

/** Creates a folder in the ledger, with a .gitignore that keeps the ledger out of repositories. */
export function makeFolder(dir: string, folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  try {
    writeNew(join(dir, '.gitignore'), '*\n')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
  }
}

/** Not `writeFileSync()`: it calls functions of `node:fs` that a test may have replaced. */
function writeNew(file: string, text: string): void {
  const fd = openSync(file, 'wx')
  try {
    writeSync(fd, text)
  } finally {
    closeSync(fd)
  }
}
