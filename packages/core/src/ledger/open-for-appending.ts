import { mkdirSync, openSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Opens a file of the ledger, for its owner alone; the ledger stays out of repositories. */
export function openForAppending(dir: string, file: string): number {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  try {
    writeFileSync(join(dir, '.gitignore'), '*\n', { flag: 'wx' })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
  }
  return openSync(file, 'a', 0o600)
}
